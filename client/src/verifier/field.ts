// The field of 2^255 − 19 beside its products: encodings, sums, powers, square roots (RFC 9496 §3.1, §4.2;
// RFC 8032 §5.1.3).
//
// Danger: `add` and `sub` do not carry, so at most four products may be added up to a factor of another (see
// products.ts).

import type { Bytes } from "./bytes.ts";
import { LIMBS, type Limbs, mul, sqr } from "./products.ts";

const SIZE = 2 ** 22;
const P = 2n ** 255n - 19n;

/** The element with this value, at the beginning of an array of its own. */
export function element(value: bigint): Limbs {
  const made = new Float64Array(LIMBS);
  let left = ((value % P) + P) % P;
  for (let i = 0; i < LIMBS; i++, left >>= 22n) made[i] = Number(left & 0x3fffffn);
  return made;
}

export const ONE = element(1n);
export const D = element(37095705934669439343138083508754565189542113879843219016388785533085940283555n);
export const TWO_D = element(
  2n * 37095705934669439343138083508754565189542113879843219016388785533085940283555n,
);
export const SQRT_M1 =
  element(19681161376707505956807079304988542015446066515923890162744021073123829784752n);

export function copy(o: Limbs, oAt: number, a: Limbs, aAt: number): void {
  for (let i = 0; i < LIMBS; i++) o[oAt + i] = a[aAt + i]!;
}

export function add(o: Limbs, oAt: number, a: Limbs, aAt: number, b: Limbs, bAt: number): void {
  for (let i = 0; i < LIMBS; i++) o[oAt + i] = a[aAt + i]! + b[bAt + i]!;
}

export function sub(o: Limbs, oAt: number, a: Limbs, aAt: number, b: Limbs, bAt: number): void {
  for (let i = 0; i < LIMBS; i++) o[oAt + i] = a[aAt + i]! - b[bAt + i]!;
}

export function neg(o: Limbs, oAt: number, a: Limbs, aAt: number): void {
  for (let i = 0; i < LIMBS; i++) o[oAt + i] = -a[aAt + i]!;
}

/**
 * The 255 low bits of 32 bytes, little-endian; bit 255 and values from p on are the caller's to refuse
 * (`isCanonical`).
 */
export function read(o: Limbs, oAt: number, raw: Bytes, at: number): void {
  for (let i = 0; i < LIMBS; i++) {
    const bit = 22 * i;
    const from = bit >> 3;
    let word = raw[at + from]! | (raw[at + from + 1]! << 8);
    if (from + 2 < 32) word |= raw[at + from + 2]! << 16;
    if (from + 3 < 32) word |= raw[at + from + 3]! << 24;
    o[oAt + i] = (word >>> (bit & 7)) & (i < LIMBS - 1 ? 0x3fffff : 0x1fff);
  }
}

/** Whether 32 bytes are below p (so that bit 255 is clear too). */
export function isCanonical(raw: Bytes, at: number): boolean {
  if (raw[at + 31]! !== 0x7f) return raw[at + 31]! < 0x7f;
  for (let i = 30; i > 0; i--) if (raw[at + i]! !== 0xff) return true;
  return raw[at]! < 0xed;
}

const whole = new Float64Array(LIMBS);

/** The one value of an element, from 0 to p − 1: limbs from 0 to 2^22 − 1 in `whole`. */
function settle(a: Limbs, aAt: number): void {
  copy(whole, 0, a, aAt);
  // Limbs are at most 2^24 in size, so a carry is a few units, and nineteen times the highest one soon fades.
  for (let round = 0; round < 3; round++) carry();
  const beyond = whole.every(
    (limb, i) =>
      limb === (i === 0 ? SIZE - 19 : i === LIMBS - 1 ? 0x1fff : SIZE - 1) || (i === 0 && limb > SIZE - 19),
  );
  if (beyond) {
    whole[0]! -= SIZE - 19;
    whole.fill(0, 1);
  }
}

function carry(): void {
  for (let i = 0; i < LIMBS; i++) {
    const size = i === LIMBS - 1 ? 0x2000 : SIZE;
    const high = Math.floor(whole[i]! / size);
    whole[i]! -= high * size;
    if (i === LIMBS - 1) whole[0]! += 19 * high;
    else whole[i + 1]! += high;
  }
}

/** 32 bytes, little-endian, below p. */
export function write(a: Limbs, aAt: number): Bytes {
  settle(a, aAt);
  const raw = new Uint8Array(32);
  for (let i = 0, held = 0, bits = 0, at = 0; i < LIMBS; i++) {
    held += whole[i]! * 2 ** bits;
    bits += 22;
    while (bits >= 8 && at < 32) {
      raw[at++] = held % 256;
      held = Math.floor(held / 256);
      bits -= 8;
    }
  }
  return raw;
}

/** Odd, in the one form of `write`: "negative" in RFC 9496. */
export function isNegative(a: Limbs, aAt: number): boolean {
  settle(a, aAt);
  return whole[0]! % 2 === 1;
}

export function isZero(a: Limbs, aAt: number): boolean {
  settle(a, aAt);
  return whole.every((limb) => limb === 0);
}

const difference = new Float64Array(LIMBS);

export function equal(a: Limbs, aAt: number, b: Limbs, bAt: number): boolean {
  sub(difference, 0, a, aAt, b, bAt);
  return isZero(difference, 0);
}

const z = new Float64Array(5 * LIMBS);
const [T0, T1, T2, T3, BASE] = [0, LIMBS, 2 * LIMBS, 3 * LIMBS, 4 * LIMBS] as const;

function squares(times: number, o: number, a: number): void {
  sqr(z, o, z, a);
  for (let i = 1; i < times; i++) sqr(z, o, z, o);
}

/** o = a^(2^252 − 3). */
function almostRoot(o: Limbs, oAt: number, a: Limbs, aAt: number): void {
  copy(z, BASE, a, aAt);
  squares(1, T0, BASE); // 2
  squares(2, T1, T0); // 8
  mul(z, T1, z, BASE, z, T1); // 9
  mul(z, T0, z, T0, z, T1); // 11
  squares(1, T0, T0); // 22
  mul(z, T0, z, T1, z, T0); // 2^5 − 1
  squares(5, T1, T0);
  mul(z, T0, z, T1, z, T0); // 2^10 − 1
  squares(10, T1, T0);
  mul(z, T1, z, T1, z, T0); // 2^20 − 1
  squares(20, T2, T1);
  mul(z, T1, z, T2, z, T1); // 2^40 − 1
  squares(10, T1, T1);
  mul(z, T0, z, T1, z, T0); // 2^50 − 1
  squares(50, T1, T0);
  mul(z, T1, z, T1, z, T0); // 2^100 − 1
  squares(100, T3, T1);
  mul(z, T1, z, T3, z, T1); // 2^200 − 1
  squares(50, T1, T1);
  mul(z, T0, z, T1, z, T0); // 2^250 − 1
  squares(2, T0, T0);
  mul(o, oAt, z, T0, z, BASE); // 2^252 − 3
}

const w = new Float64Array(3 * LIMBS);

/** o = 1/a, and 0 for 0. */
export function invert(o: Limbs, oAt: number, a: Limbs, aAt: number): void {
  copy(w, 0, a, aAt);
  almostRoot(w, LIMBS, w, 0);
  for (let i = 0; i < 3; i++) sqr(w, LIMBS, w, LIMBS);
  sqr(w, 2 * LIMBS, w, 0);
  mul(w, 0, w, 0, w, 2 * LIMBS);
  mul(o, oAt, w, LIMBS, w, 0); // a^(2^255 − 24 + 3)
}

const r = new Float64Array(5 * LIMBS);

/**
 * SQRT_RATIO_M1 of RFC 9496 §4.2: the even root of u/v, or of i·u/v where u/v is no square; whether it is
 * one.
 */
export function rootOfRatio(o: Limbs, oAt: number, u: Limbs, uAt: number, v: Limbs, vAt: number): boolean {
  const [v3, uv7, root, check, other] = [0, LIMBS, 2 * LIMBS, 3 * LIMBS, 4 * LIMBS] as const;
  sqr(r, v3, v, vAt);
  mul(r, v3, r, v3, v, vAt);
  sqr(r, uv7, r, v3);
  mul(r, uv7, r, uv7, v, vAt);
  mul(r, uv7, r, uv7, u, uAt);
  almostRoot(r, root, r, uv7);
  mul(r, root, r, root, r, v3);
  mul(r, root, r, root, u, uAt);
  sqr(r, check, r, root);
  mul(r, check, r, check, v, vAt);
  neg(r, other, u, uAt);
  const right = equal(r, check, u, uAt);
  const flipped = !right && equal(r, check, r, other);
  mul(r, other, r, other, SQRT_M1, 0);
  if (flipped || equal(r, check, r, other)) mul(r, root, r, root, SQRT_M1, 0);
  if (isNegative(r, root)) neg(r, root, r, root);
  copy(o, oAt, r, root);
  return right || flipped;
}
