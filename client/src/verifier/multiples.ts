// Sums of multiples of many points, Σ nᵢ·Pᵢ: few points by Straus with signed digits, many by Pippenger's
// buckets.
//
// Numbers are whole and not negative, below 2^256; they are not reduced here. Time depends on the numbers:
// they are public.

import { combine, double, NEUTRAL, POINT, plus, prepare } from "./curve.ts";
import type { Limbs } from "./products.ts";

const FEW = 12;

/** Σ numbers[i]·points[i], the points one after the other in one array. */
export function sumOfMultiples(points: Limbs, numbers: readonly bigint[]): Limbs {
  if (points.length < POINT * numbers.length) throw new RangeError("fewer points than numbers");
  return numbers.length <= FEW ? straus(points, numbers) : pippenger(points, numbers);
}

/** Signed digits of `width` bits of all numbers: digits[i·windows + j] stands for digit·2^(width·j). */
function windowsOf(numbers: readonly bigint[], width: number, windows: number): Int16Array {
  const made = new Int16Array(numbers.length * windows);
  const words = new BigUint64Array(5);
  const raw = new Uint8Array(words.buffer);
  const mask = 2 ** width - 1;
  numbers.forEach((n, i) => {
    for (let j = 0; j < 4; j++) words[j] = (n >> BigInt(64 * j)) & 0xffffffffffffffffn;
    let carry = 0;
    for (let j = 0; j < windows; j++) {
      const bit = j * width;
      const from = bit >> 3;
      const word = (raw[from]! | (raw[from + 1]! << 8) | (raw[from + 2]! << 16)) >>> (bit & 7);
      let digit = (word & mask) + carry;
      carry = digit > mask >> 1 ? 1 : 0;
      digit -= carry << width;
      made[i * windows + j] = digit;
    }
  });
  return made;
}

const WIDTH = 4;
const TABLE = 2 ** (WIDTH - 1);

/** A table of 1 … 8 times each point, one chain of doublings for all. */
function straus(points: Limbs, numbers: readonly bigint[]): Limbs {
  const windows = Math.ceil(257 / WIDTH);
  const digits = windowsOf(numbers, WIDTH, windows);
  const tables = new Float64Array(numbers.length * TABLE * POINT);
  const multiple = new Float64Array(POINT);
  for (let i = 0; i < numbers.length; i++) {
    const table = i * TABLE * POINT;
    prepare(tables, table, points, i * POINT);
    multiple.set(points.subarray(i * POINT, (i + 1) * POINT));
    for (let j = 1; j < TABLE; j++) {
      combine(multiple, 0, multiple, 0, tables, table, false);
      prepare(tables, table + j * POINT, multiple, 0);
    }
  }
  const sum = NEUTRAL.slice();
  for (let window = windows - 1; window >= 0; window--) {
    if (window < windows - 1) for (let i = 0; i < WIDTH; i++) double(sum, 0, sum, 0);
    for (let i = 0; i < numbers.length; i++) {
      const digit = digits[i * windows + window]!;
      if (digit !== 0) combine(sum, 0, sum, 0, tables, (i * TABLE + Math.abs(digit) - 1) * POINT, digit < 0);
    }
  }
  return sum;
}

/** The width that takes the fewest additions for so many points. */
function widthFor(many: number): number {
  return Math.min(12, Math.max(3, Math.floor(Math.log2(many)) - 3));
}

function pippenger(points: Limbs, numbers: readonly bigint[]): Limbs {
  const width = widthFor(numbers.length);
  const windows = Math.ceil(257 / width);
  const digits = windowsOf(numbers, width, windows);
  const ready = new Float64Array(numbers.length * POINT);
  for (let i = 0; i < numbers.length; i++) prepare(ready, i * POINT, points, i * POINT);
  const size = 2 ** (width - 1) + 1;
  const buckets = new Float64Array(size * POINT);
  const used = new Uint8Array(size);
  const sum = NEUTRAL.slice();
  for (let window = windows - 1; window >= 0; window--) {
    if (window < windows - 1) for (let i = 0; i < width; i++) double(sum, 0, sum, 0);
    used.fill(0);
    for (let i = 0; i < numbers.length; i++) {
      const digit = digits[i * windows + window]!;
      if (digit === 0) continue;
      const bucket = Math.abs(digit);
      if (used[bucket] === 0) buckets.set(NEUTRAL, bucket * POINT);
      used[bucket] = 1;
      combine(buckets, bucket * POINT, buckets, bucket * POINT, ready, i * POINT, digit < 0);
    }
    addBuckets(sum, buckets, used);
  }
  return sum;
}

/** sum += Σ j·buckets[j], from the highest down. */
function addBuckets(sum: Limbs, buckets: Limbs, used: Uint8Array): void {
  let top = used.length - 1;
  while (top > 0 && used[top] === 0) top--;
  if (top === 0) return;
  const [running, total] = [NEUTRAL.slice(), NEUTRAL.slice()];
  for (let j = top; j > 0; j--) {
    if (used[j] === 1) plus(running, 0, running, 0, buckets, j * POINT);
    plus(total, 0, total, 0, running, 0);
  }
  plus(sum, 0, sum, 0, total, 0);
}
