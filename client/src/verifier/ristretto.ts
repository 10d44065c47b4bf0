// The group ristretto255 (RFC 9496), strictly (docs/protocol.md §2). Arithmetic of its own, so that no error
// is shared with the library that made the ballots.

import { type Bytes, littleEndian } from "./bytes.ts";
import { BASE, fromAffine, NEUTRAL, POINT, plus } from "./curve.ts";
import {
  add,
  copy,
  D,
  element,
  equal,
  isCanonical,
  isNegative,
  isZero,
  neg,
  ONE,
  read,
  rootOfRatio,
  SQRT_M1,
  sub,
  write,
} from "./field.ts";
import { sumOfMultiples } from "./multiples.ts";
import { LIMBS, type Limbs, mul, sqr } from "./products.ts";
import { refuse } from "./refused.ts";

/** ℓ. */
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

export type Point = Limbs;

export const GENERATOR: Point = BASE;
export const IDENTITY: Point = NEUTRAL;

const v = new Float64Array(8 * LIMBS);
const [S, U1, U2, V, I, DX, XX, YY] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => i * LIMBS) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/**
 * Decode 32 bytes into a place of an array (RFC 9496 §4.3.1); false where they are no encoding. The identity
 * is one.
 */
export function decodeInto(o: Limbs, oAt: number, raw: Bytes, at: number): boolean {
  if (raw.length < at + 32 || !isCanonical(raw, at) || raw[at]! % 2 === 1) return false;
  read(v, S, raw, at);
  sqr(v, I, v, S);
  sub(v, U1, ONE, 0, v, I);
  add(v, U2, ONE, 0, v, I);
  sqr(v, DX, v, U2);
  sqr(v, V, v, U1);
  mul(v, V, v, V, D, 0);
  add(v, V, v, V, v, DX);
  neg(v, V, v, V);
  mul(v, I, v, V, v, DX);
  const square = rootOfRatio(v, I, ONE, 0, v, I);
  mul(v, DX, v, I, v, U2);
  mul(v, I, v, I, v, DX);
  mul(v, I, v, I, v, V);
  add(v, S, v, S, v, S);
  mul(v, XX, v, S, v, DX);
  if (isNegative(v, XX)) neg(v, XX, v, XX);
  mul(v, YY, v, U1, v, I);
  fromAffine(o, oAt, v, XX, v, YY);
  return square && !isNegative(o, oAt + 3 * LIMBS) && !isZero(v, YY);
}

const INVSQRT_A_MINUS_D =
  element(54469307008909316920995813868745141605393597292927456921205312896311721017578n);

/** RFC 9496 §4.3.2. */
export function encode(p: Point, at = 0): Bytes {
  const [X, Y, Z, T] = [at, at + LIMBS, at + 2 * LIMBS, at + 3 * LIMBS] as const;
  add(v, U1, p, Z, p, Y);
  sub(v, U2, p, Z, p, Y);
  mul(v, U1, v, U1, v, U2);
  mul(v, U2, p, X, p, Y);
  sqr(v, V, v, U2);
  mul(v, V, v, V, v, U1);
  rootOfRatio(v, I, ONE, 0, v, V);
  mul(v, DX, v, I, v, U1);
  mul(v, I, v, I, v, U2);
  mul(v, S, v, DX, v, I);
  mul(v, S, v, S, p, T); // 1/Z
  mul(v, V, p, T, v, S);
  if (isNegative(v, V)) {
    mul(v, XX, p, Y, SQRT_M1, 0);
    mul(v, YY, p, X, SQRT_M1, 0);
    mul(v, I, v, DX, INVSQRT_A_MINUS_D, 0);
  } else {
    copy(v, XX, p, X);
    copy(v, YY, p, Y);
  }
  mul(v, V, v, XX, v, S);
  if (isNegative(v, V)) neg(v, YY, v, YY);
  sub(v, S, p, Z, v, YY);
  mul(v, S, v, S, v, I);
  if (isNegative(v, S)) neg(v, S, v, S);
  return write(v, S);
}

/** The same element of the group, which many points of the curve stand for (RFC 9496 §4.3.3). */
export function isEqual(p: Point, q: Point): boolean {
  mul(v, S, p, 0, q, LIMBS);
  mul(v, U1, p, LIMBS, q, 0);
  if (equal(v, S, v, U1)) return true;
  mul(v, S, p, LIMBS, q, LIMBS);
  mul(v, U1, p, 0, q, 0);
  return equal(v, S, v, U1);
}

export function isIdentity(p: Point): boolean {
  return isEqual(p, IDENTITY);
}

/** 2.1, O refused unless `orIdentity`. */
export function readPoint(raw: Bytes, where: string, orIdentity = false): Point {
  const made = new Float64Array(POINT);
  if (raw.length !== 32 || !decodeInto(made, 0, raw, 0)) refuse(where, "is no point of the group");
  if (!orIdentity && raw.every((byte) => byte === 0)) refuse(where, "is the identity");
  return made;
}

/** 2.2. */
export function readScalar(raw: Bytes, where: string): bigint {
  const n = littleEndian(raw);
  if (raw.length !== 32 || n >= ORDER) refuse(where, "is no number below the group's order");
  return n;
}

export function sum(...points: readonly Point[]): Point {
  const made = IDENTITY.slice();
  for (const each of points) plus(made, 0, made, 0, each, 0);
  return made;
}

/** Σ n·P; numbers may be negative or large, they count modulo ℓ. */
export function weighted(...terms: readonly (readonly [bigint, Point])[]): Point {
  const points = new Float64Array(POINT * terms.length);
  terms.forEach(([, each], i) => points.set(each, i * POINT));
  return sumOfMultiples(
    points,
    terms.map(([n]) => modulo(n)),
  );
}

export function modulo(n: bigint): bigint {
  const left = n % ORDER;
  return left < 0n ? left + ORDER : left;
}

/** 1/n modulo ℓ, n not 0 there. */
export function inverse(n: bigint): bigint {
  let [a, b, x, y] = [modulo(n), ORDER, 1n, 0n];
  while (a > 1n) {
    const whole = b / a;
    [a, b, x, y] = [b - whole * a, a, y - whole * x, x];
  }
  return modulo(x);
}
