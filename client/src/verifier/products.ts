// Products in the field of 2^255 − 19 (RFC 9496 §2), for a verifier that has hundreds of thousands of points
// to decode.
//
// An element is twelve limbs of 22 bits in doubles, its value Σ limb·2^(22i) modulo p, not in one form only.
// Doubles are exact below 2^53: limbs up to ±2^24 may be multiplied (2^48 twelve times is below 2^52), and
// those of a product are within ±2^22, so a sum of up to four products is a factor again. Written out,
// without loops: five times as fast as big integers. Danger: beyond that bound a limb is wrong without a sign
// of it; the callers' sums are few, and tests/verifier_arithmetic.test.ts compares with big integers at the
// bound.

/** Elements lie in such arrays, twelve numbers each. */
export type Limbs = Float64Array;

export const LIMBS = 12;

/** Added and taken away again, it rounds to a multiple of 2^22. */
const M = 1.5 * 2 ** 74;
const S = 2 ** -22;
/** 2^264 mod p. */
const F = 19 * 2 ** 9;
const G = F * S;

/** The 23 sums of products, on their way from a product to its limbs. */
const C = new Float64Array(2 * LIMBS - 1);

/** o = a·b. The places may be the same. */
export function mul(o: Limbs, oAt: number, a: Limbs, aAt: number, b: Limbs, bAt: number): void {
  const a0 = a[aAt]!,
    a1 = a[aAt + 1]!,
    a2 = a[aAt + 2]!,
    a3 = a[aAt + 3]!,
    a4 = a[aAt + 4]!,
    a5 = a[aAt + 5]!,
    a6 = a[aAt + 6]!,
    a7 = a[aAt + 7]!,
    a8 = a[aAt + 8]!,
    a9 = a[aAt + 9]!,
    a10 = a[aAt + 10]!,
    a11 = a[aAt + 11]!;
  const b0 = b[bAt]!,
    b1 = b[bAt + 1]!,
    b2 = b[bAt + 2]!,
    b3 = b[bAt + 3]!,
    b4 = b[bAt + 4]!,
    b5 = b[bAt + 5]!,
    b6 = b[bAt + 6]!,
    b7 = b[bAt + 7]!,
    b8 = b[bAt + 8]!,
    b9 = b[bAt + 9]!,
    b10 = b[bAt + 10]!,
    b11 = b[bAt + 11]!;
  C[0] = a0 * b0;
  C[1] = a0 * b1 + a1 * b0;
  C[2] = a0 * b2 + a1 * b1 + a2 * b0;
  C[3] = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0;
  C[4] = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0;
  C[5] = a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0;
  C[6] = a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0;
  C[7] = a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0;
  C[8] = a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0;
  C[9] = a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 + a9 * b0;
  C[10] =
    a0 * b10 +
    a1 * b9 +
    a2 * b8 +
    a3 * b7 +
    a4 * b6 +
    a5 * b5 +
    a6 * b4 +
    a7 * b3 +
    a8 * b2 +
    a9 * b1 +
    a10 * b0;
  C[11] =
    a0 * b11 +
    a1 * b10 +
    a2 * b9 +
    a3 * b8 +
    a4 * b7 +
    a5 * b6 +
    a6 * b5 +
    a7 * b4 +
    a8 * b3 +
    a9 * b2 +
    a10 * b1 +
    a11 * b0;
  C[12] =
    a1 * b11 +
    a2 * b10 +
    a3 * b9 +
    a4 * b8 +
    a5 * b7 +
    a6 * b6 +
    a7 * b5 +
    a8 * b4 +
    a9 * b3 +
    a10 * b2 +
    a11 * b1;
  C[13] =
    a2 * b11 + a3 * b10 + a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 + a9 * b4 + a10 * b3 + a11 * b2;
  C[14] = a3 * b11 + a4 * b10 + a5 * b9 + a6 * b8 + a7 * b7 + a8 * b6 + a9 * b5 + a10 * b4 + a11 * b3;
  C[15] = a4 * b11 + a5 * b10 + a6 * b9 + a7 * b8 + a8 * b7 + a9 * b6 + a10 * b5 + a11 * b4;
  C[16] = a5 * b11 + a6 * b10 + a7 * b9 + a8 * b8 + a9 * b7 + a10 * b6 + a11 * b5;
  C[17] = a6 * b11 + a7 * b10 + a8 * b9 + a9 * b8 + a10 * b7 + a11 * b6;
  C[18] = a7 * b11 + a8 * b10 + a9 * b9 + a10 * b8 + a11 * b7;
  C[19] = a8 * b11 + a9 * b10 + a10 * b9 + a11 * b8;
  C[20] = a9 * b11 + a10 * b10 + a11 * b9;
  C[21] = a10 * b11 + a11 * b10;
  C[22] = a11 * b11;
  carry(o, oAt);
}

/** o = a². */
export function sqr(o: Limbs, oAt: number, a: Limbs, aAt: number): void {
  const a0 = a[aAt]!,
    a1 = a[aAt + 1]!,
    a2 = a[aAt + 2]!,
    a3 = a[aAt + 3]!,
    a4 = a[aAt + 4]!,
    a5 = a[aAt + 5]!,
    a6 = a[aAt + 6]!,
    a7 = a[aAt + 7]!,
    a8 = a[aAt + 8]!,
    a9 = a[aAt + 9]!,
    a10 = a[aAt + 10]!,
    a11 = a[aAt + 11]!;
  const d0 = 2 * a0,
    d1 = 2 * a1,
    d2 = 2 * a2,
    d3 = 2 * a3,
    d4 = 2 * a4,
    d5 = 2 * a5,
    d6 = 2 * a6,
    d7 = 2 * a7,
    d8 = 2 * a8,
    d9 = 2 * a9,
    d10 = 2 * a10;
  C[0] = a0 * a0;
  C[1] = d0 * a1;
  C[2] = d0 * a2 + a1 * a1;
  C[3] = d0 * a3 + d1 * a2;
  C[4] = d0 * a4 + d1 * a3 + a2 * a2;
  C[5] = d0 * a5 + d1 * a4 + d2 * a3;
  C[6] = d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3;
  C[7] = d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4;
  C[8] = d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4;
  C[9] = d0 * a9 + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5;
  C[10] = d0 * a10 + d1 * a9 + d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5;
  C[11] = d0 * a11 + d1 * a10 + d2 * a9 + d3 * a8 + d4 * a7 + d5 * a6;
  C[12] = d1 * a11 + d2 * a10 + d3 * a9 + d4 * a8 + d5 * a7 + a6 * a6;
  C[13] = d2 * a11 + d3 * a10 + d4 * a9 + d5 * a8 + d6 * a7;
  C[14] = d3 * a11 + d4 * a10 + d5 * a9 + d6 * a8 + a7 * a7;
  C[15] = d4 * a11 + d5 * a10 + d6 * a9 + d7 * a8;
  C[16] = d5 * a11 + d6 * a10 + d7 * a9 + a8 * a8;
  C[17] = d6 * a11 + d7 * a10 + d8 * a9;
  C[18] = d7 * a11 + d8 * a10 + a9 * a9;
  C[19] = d8 * a11 + d9 * a10;
  C[20] = d9 * a11 + a10 * a10;
  C[21] = d10 * a11;
  C[22] = a11 * a11;
  carry(o, oAt);
}

/** o = the sums of products C, in limbs within ±2^22. */
function carry(o: Limbs, oAt: number): void {
  let c0 = C[0]!,
    c1 = C[1]!,
    c2 = C[2]!,
    c3 = C[3]!,
    c4 = C[4]!,
    c5 = C[5]!,
    c6 = C[6]!,
    c7 = C[7]!,
    c8 = C[8]!,
    c9 = C[9]!,
    c10 = C[10]!,
    c11 = C[11]!;
  const c12 = C[12]!,
    c13 = C[13]!,
    c14 = C[14]!,
    c15 = C[15]!,
    c16 = C[16]!,
    c17 = C[17]!,
    c18 = C[18]!,
    c19 = C[19]!,
    c20 = C[20]!,
    c21 = C[21]!,
    c22 = C[22]!;
  // What stands above 2^264 comes down, in two parts so that nothing exceeds 2^53.
  const h12 = c12 + M - M;
  const h13 = c13 + M - M;
  const h14 = c14 + M - M;
  const h15 = c15 + M - M;
  const h16 = c16 + M - M;
  const h17 = c17 + M - M;
  const h18 = c18 + M - M;
  const h19 = c19 + M - M;
  const h20 = c20 + M - M;
  const h21 = c21 + M - M;
  const h22 = c22 + M - M;
  c0 += F * (c12 - h12);
  c1 += F * (c13 - h13) + G * h12;
  c2 += F * (c14 - h14) + G * h13;
  c3 += F * (c15 - h15) + G * h14;
  c4 += F * (c16 - h16) + G * h15;
  c5 += F * (c17 - h17) + G * h16;
  c6 += F * (c18 - h18) + G * h17;
  c7 += F * (c19 - h19) + G * h18;
  c8 += F * (c20 - h20) + G * h19;
  c9 += F * (c21 - h21) + G * h20;
  c10 += F * (c22 - h22) + G * h21;
  c11 += G * h22;
  // Two rounds of carries, each to the nearest: every limb ends within ±2^22.
  const p0 = c0 + M - M,
    p1 = c1 + M - M,
    p2 = c2 + M - M,
    p3 = c3 + M - M,
    p4 = c4 + M - M,
    p5 = c5 + M - M,
    p6 = c6 + M - M,
    p7 = c7 + M - M,
    p8 = c8 + M - M,
    p9 = c9 + M - M,
    p10 = c10 + M - M,
    p11 = c11 + M - M;
  c0 += G * p11 - p0;
  c1 += S * p0 - p1;
  c2 += S * p1 - p2;
  c3 += S * p2 - p3;
  c4 += S * p3 - p4;
  c5 += S * p4 - p5;
  c6 += S * p5 - p6;
  c7 += S * p6 - p7;
  c8 += S * p7 - p8;
  c9 += S * p8 - p9;
  c10 += S * p9 - p10;
  c11 += S * p10 - p11;
  const q0 = c0 + M - M,
    q1 = c1 + M - M,
    q2 = c2 + M - M,
    q3 = c3 + M - M,
    q4 = c4 + M - M,
    q5 = c5 + M - M,
    q6 = c6 + M - M,
    q7 = c7 + M - M,
    q8 = c8 + M - M,
    q9 = c9 + M - M,
    q10 = c10 + M - M,
    q11 = c11 + M - M;
  c0 += G * q11 - q0;
  c1 += S * q0 - q1;
  c2 += S * q1 - q2;
  c3 += S * q2 - q3;
  c4 += S * q3 - q4;
  c5 += S * q4 - q5;
  c6 += S * q5 - q6;
  c7 += S * q6 - q7;
  c8 += S * q7 - q8;
  c9 += S * q8 - q9;
  c10 += S * q9 - q10;
  c11 += S * q10 - q11;
  o[oAt] = c0;
  o[oAt + 1] = c1;
  o[oAt + 2] = c2;
  o[oAt + 3] = c3;
  o[oAt + 4] = c4;
  o[oAt + 5] = c5;
  o[oAt + 6] = c6;
  o[oAt + 7] = c7;
  o[oAt + 8] = c8;
  o[oAt + 9] = c9;
  o[oAt + 10] = c10;
  o[oAt + 11] = c11;
}
