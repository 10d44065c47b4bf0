// Ed25519 (RFC 8032) under the strict rule of docs/protocol.md 1.2, over the verifier's own curve.
//
// Libraries differ in what they accept: keys of small order, encodings that are not canonical, the equation
// times eight. Here none of it.

import { type Bytes, concat, littleEndian, same } from "./bytes.ts";
import { BASE, double, fromAffine, isNeutral, negated, POINT } from "./curve.ts";
import {
  add,
  D,
  invert,
  isCanonical,
  isNegative,
  isZero,
  neg,
  ONE,
  read,
  rootOfRatio,
  sub,
  write,
} from "./field.ts";
import { sha512 } from "./hashing.ts";
import { sumOfMultiples } from "./multiples.ts";
import { LIMBS, type Limbs, mul, sqr } from "./products.ts";
import { hold } from "./refused.ts";
import { ORDER } from "./ristretto.ts";

const v = new Float64Array(4 * LIMBS);
const [Y, U, V, X] = [0, LIMBS, 2 * LIMBS, 3 * LIMBS] as const;

/** A point of the curve from its canonical encoding; null where there is none (RFC 8032 §5.1.3). */
function decode(raw: Bytes): Limbs | null {
  const high = raw[31]! >> 7;
  const plain = raw.slice();
  plain[31]! &= 0x7f;
  if (!isCanonical(plain, 0)) return null;
  read(v, Y, plain, 0);
  sqr(v, X, v, Y);
  sub(v, U, v, X, ONE, 0);
  mul(v, V, v, X, D, 0);
  add(v, V, v, V, ONE, 0);
  if (!rootOfRatio(v, X, v, U, v, V)) return null;
  if (isZero(v, X) && high === 1) return null;
  if (isNegative(v, X) !== (high === 1)) neg(v, X, v, X);
  const made = new Float64Array(POINT);
  fromAffine(made, 0, v, X, v, Y);
  return made;
}

function encode(p: Limbs): Bytes {
  invert(v, U, p, 2 * LIMBS);
  mul(v, X, p, 0, v, U);
  mul(v, Y, p, LIMBS, v, U);
  const raw = write(v, Y);
  if (isNegative(v, X)) raw[31]! |= 0x80;
  return raw;
}

function isOfSmallOrder(p: Limbs): boolean {
  const eight = p.slice();
  for (let i = 0; i < 3; i++) double(eight, 0, eight, 0);
  return isNeutral(eight, 0);
}

/** 1.2. Throws Refused. */
export function checkSignature(publicKey: Bytes, message: Bytes, signature: Bytes, where: string): void {
  hold(isGood(publicKey, message, signature), where, "is no signature of this by this key");
}

/** S·B = R + SHA-512(R ‖ A ‖ m)·A: the point S·B − h·A is computed, and R must be its one encoding. */
export function isGood(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const [r, s] = [signature.subarray(0, 32), littleEndian(signature.subarray(32))];
  const a = decode(publicKey);
  if (s >= ORDER || a === null || isOfSmallOrder(a)) return false;
  const h = littleEndian(sha512(concat(r, publicKey, message))) % ORDER;
  const points = new Float64Array(2 * POINT);
  points.set(BASE);
  points.set(negated(a), POINT);
  const found = sumOfMultiples(points, [s, h]);
  return same(encode(found), r) && !isOfSmallOrder(found);
}
