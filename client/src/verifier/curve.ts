// The Edwards curve −x² + y² = 1 + d·x²·y² under both groups of the protocol: ristretto255 (RFC 9496) and
// Ed25519 (RFC 8032).
//
// A point is 48 numbers: X, Y, Z, T of twelve limbs each, x = X/Z, y = Y/Z, xy = T/Z. Nothing here is secret,
// so nothing takes the same time for all. Danger: points on the curve are not yet members of a group;
// `ristretto.ts` and `ed25519.ts` decide that.

import { add, copy, element, equal, isZero, ONE, sub, TWO_D } from "./field.ts";
import { LIMBS, type Limbs, mul, sqr } from "./products.ts";

export const POINT = 4 * LIMBS;
const [X, Y, Z, T] = [0, LIMBS, 2 * LIMBS, 3 * LIMBS] as const;

/** The neutral element. */
export const NEUTRAL: Limbs = point(new Float64Array(LIMBS), ONE);

/** The base point of RFC 8032 and, as a representative, the generator of RFC 9496. */
export const BASE: Limbs = point(
  element(15112221349535400772501151409588531511454012693041857206046113283949847762202n),
  element(46316835694926478169428394003475163141307993866256225615783033603165251855960n),
);

function point(x: Limbs, y: Limbs): Limbs {
  const made = new Float64Array(POINT);
  fromAffine(made, 0, x, 0, y, 0);
  return made;
}

export function fromAffine(o: Limbs, oAt: number, x: Limbs, xAt: number, y: Limbs, yAt: number): void {
  mul(o, oAt + T, x, xAt, y, yAt);
  copy(o, oAt + X, x, xAt);
  copy(o, oAt + Y, y, yAt);
  copy(o, oAt + Z, ONE, 0);
}

const s = new Float64Array(8 * LIMBS);
const [A, B, C, E, F, G, H, K] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => i * LIMBS) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** o = 2p. */
export function double(o: Limbs, oAt: number, p: Limbs, pAt: number): void {
  sqr(s, A, p, pAt + X);
  sqr(s, B, p, pAt + Y);
  sqr(s, C, p, pAt + Z);
  add(s, C, s, C, s, C);
  add(s, E, p, pAt + X, p, pAt + Y);
  sqr(s, E, s, E);
  add(s, H, s, A, s, B);
  sub(s, E, s, H, s, E);
  sub(s, G, s, A, s, B);
  add(s, F, s, C, s, G);
  finish(o, oAt);
}

function finish(o: Limbs, oAt: number): void {
  mul(o, oAt + X, s, E, s, F);
  mul(o, oAt + Y, s, G, s, H);
  mul(o, oAt + T, s, E, s, H);
  mul(o, oAt + Z, s, F, s, G);
}

/** A point prepared for many additions: Y + X, Y − X, 2dT, 2Z. */
export function prepare(o: Limbs, oAt: number, p: Limbs, pAt: number): void {
  mul(s, K, p, pAt + T, TWO_D, 0);
  add(s, A, p, pAt + Y, p, pAt + X);
  sub(s, B, p, pAt + Y, p, pAt + X);
  add(s, C, p, pAt + Z, p, pAt + Z);
  copy(o, oAt, s, A);
  copy(o, oAt + LIMBS, s, B);
  copy(o, oAt + 2 * LIMBS, s, K);
  copy(o, oAt + 3 * LIMBS, s, C);
}

/** o = p ± q, q as `prepare` makes it. */
export function combine(
  o: Limbs,
  oAt: number,
  p: Limbs,
  pAt: number,
  q: Limbs,
  qAt: number,
  minus: boolean,
): void {
  sub(s, A, p, pAt + Y, p, pAt + X);
  mul(s, A, s, A, q, qAt + (minus ? 0 : LIMBS));
  add(s, B, p, pAt + Y, p, pAt + X);
  mul(s, B, s, B, q, qAt + (minus ? LIMBS : 0));
  mul(s, C, p, pAt + T, q, qAt + 2 * LIMBS);
  mul(s, K, p, pAt + Z, q, qAt + 3 * LIMBS);
  sub(s, E, s, B, s, A);
  add(s, H, s, B, s, A);
  (minus ? add : sub)(s, F, s, K, s, C);
  (minus ? sub : add)(s, G, s, K, s, C);
  finish(o, oAt);
}

const ready = new Float64Array(POINT);

/** o = p + q. */
export function plus(o: Limbs, oAt: number, p: Limbs, pAt: number, q: Limbs, qAt: number): void {
  prepare(ready, 0, q, qAt);
  combine(o, oAt, p, pAt, ready, 0, false);
}

export function negated(p: Limbs): Limbs {
  const made = p.slice();
  for (let i = 0; i < LIMBS; i++) {
    made[X + i] = -made[X + i]!;
    made[T + i] = -made[T + i]!;
  }
  return made;
}

export function isNeutral(p: Limbs, pAt: number): boolean {
  return isZero(p, pAt + X) && equal(p, pAt + Y, p, pAt + Z);
}
