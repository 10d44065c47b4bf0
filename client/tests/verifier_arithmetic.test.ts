// The verifier's own arithmetic against big integers and against @noble/curves, at random and at the edges.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ed25519, ristretto255 } from "@noble/curves/ed25519.js";

import { hex, littleEndian, unhex } from "../src/verifier/bytes.ts";
import { POINT } from "../src/verifier/curve.ts";
import {
  add,
  element,
  equal,
  invert,
  isCanonical,
  isNegative,
  isZero,
  read,
  sub,
  write,
} from "../src/verifier/field.ts";
import { sumOfMultiples } from "../src/verifier/multiples.ts";
import { LIMBS, type Limbs, mul, sqr } from "../src/verifier/products.ts";
import {
  decodeInto,
  encode,
  GENERATOR,
  inverse,
  isEqual,
  ORDER,
  readPoint,
  weighted,
} from "../src/verifier/ristretto.ts";

const P = 2n ** 255n - 19n;
const EDGES = [
  0n,
  1n,
  2n,
  18n,
  19n,
  20n,
  P - 1n,
  P - 2n,
  P - 19n,
  P >> 1n,
  (P >> 1n) + 1n,
  2n ** 254n,
  2n ** 22n - 1n,
  2n ** 242n,
  2n ** 252n - 3n,
];

let seed = 1n;
/** Numbers below 2^256, the same in each run. */
function random(): bigint {
  let n = 0n;
  for (let i = 0; i < 4; i++) {
    seed = (seed * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    n = (n << 64n) | (seed ^ (seed >> 29n));
  }
  return n;
}

const some = (many: number): bigint[] => Array.from({ length: many }, random);
const value = (a: Limbs, at = 0): bigint => littleEndian(write(a, at));
const fresh = (): Limbs => new Float64Array(LIMBS);
const raw32 = (n: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((n >> BigInt(8 * i)) & 255n));

test("products, sums and inverses are those of big integers", () => {
  const all = [...EDGES, ...some(150).map((n) => n % P)];
  for (const x of all) {
    assert.equal(value(element(x)), x);
    assert.equal(isNegative(element(x), 0), x % 2n === 1n);
    assert.equal(isZero(element(x), 0), x === 0n);
    const o = fresh();
    sqr(o, 0, element(x), 0);
    assert.equal(value(o), (x * x) % P);
    invert(o, 0, element(x), 0);
    assert.equal((value(o) * x) % P, x === 0n ? 0n : 1n);
    for (const y of all) {
      mul(o, 0, element(x), 0, element(y), 0);
      assert.equal(value(o), (x * y) % P);
      add(o, 0, element(x), 0, element(y), 0);
      assert.equal(value(o), (x + y) % P);
      sub(o, 0, element(x), 0, element(y), 0);
      assert.equal(value(o), (x - y + P) % P);
      assert.equal(equal(element(x), 0, element(y), 0), x === y);
    }
  }
});

test("limbs at the bound are multiplied exactly, and a product's limbs are far below it", () => {
  const bound = 2 ** 24;
  const worth = (a: Limbs): bigint =>
    a.reduce((sum, limb, i) => sum + BigInt(limb) * 2n ** BigInt(22 * i), 0n);
  for (let round = 0; round < 400; round++) {
    const signs = random();
    const edge = (shift: number): Limbs =>
      Float64Array.from({ length: LIMBS }, (_, i) =>
        (signs >> BigInt(i + shift)) & 1n ? bound : round % 3 ? -bound : bound - i,
      );
    const [a, b, o] = [edge(0), edge(40), fresh()];
    for (const [product, run] of [
      [worth(a) * worth(b), () => mul(o, 0, a, 0, b, 0)],
      [worth(a) ** 2n, () => sqr(o, 0, a, 0)],
    ] as const) {
      run();
      assert.equal(value(o), ((product % P) + P) % P);
      assert.ok(o.every((limb) => Math.abs(limb) <= 2 ** 22));
    }
  }
});

test("encodings of the field are read and refused at the edges", () => {
  for (const [n, good] of [
    [0n, true],
    [P - 1n, true],
    [P, false],
    [P + 18n, false],
    [2n ** 255n - 1n, false],
    [2n ** 255n, false],
    [2n ** 256n - 1n, false],
    [2n ** 254n, true],
    [P - 256n, true],
    [P + 1n, false],
  ] as const) {
    assert.equal(isCanonical(raw32(n), 0), good, String(n));
  }
  for (const n of [...EDGES, ...some(100).map((each) => each % P)]) {
    const o = fresh();
    read(o, 0, raw32(n), 0);
    assert.equal(value(o), n);
  }
});

test("points are decoded, refused and encoded as by @noble/curves", () => {
  const { Point } = ristretto255;
  const encodings = [...EDGES, ...some(1500)]
    .map((n) => raw32(n % 2n ** 256n))
    .concat(some(100).map((n) => Point.BASE.multiply((n % (ORDER - 1n)) + 1n).toBytes()));
  let good = 0;
  for (const raw of encodings) {
    const made = new Float64Array(POINT);
    const decoded = decodeInto(made, 0, raw, 0);
    let theirs: string | null = null;
    try {
      theirs = Point.fromBytes(raw).toHex();
    } catch {
      // No encoding.
    }
    assert.equal(decoded ? hex(encode(made)) : null, theirs, hex(raw));
    if (decoded) good++;
  }
  assert.ok(good > 150 && good < encodings.length - 500, String(good));
});

test("the vectors of RFC 9496 A.1: the first multiples of the generator", () => {
  const multiples = [
    "00".repeat(32),
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
    "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
  ];
  multiples.forEach((written, n) => {
    assert.equal(hex(encode(weighted([BigInt(n), GENERATOR]))), written);
    assert.ok(isEqual(readPoint(unhex(written) as Uint8Array, "", true), weighted([BigInt(n), GENERATOR])));
  });
});

test("sums of multiples are the same for few points and for many", () => {
  const { Point } = ristretto255;
  for (const many of [1, 2, 11, 12, 13, 40, 300]) {
    const numbers = some(many).map((n, i) => (i % 5 === 4 ? 0n : i % 3 === 2 ? n % 2n ** 128n : n % ORDER));
    if (many > 2) numbers[1] = ORDER - 1n;
    const theirs = some(many).map((n) => Point.BASE.multiply((n % (ORDER - 1n)) + 1n));
    const points = new Float64Array(many * POINT);
    theirs.forEach((each, i) => assert.ok(decodeInto(points, i * POINT, each.toBytes(), 0)));
    const expected = theirs.reduce(
      (sum, each, i) => sum.add(each.multiplyUnsafe(numbers[i] as bigint)),
      Point.ZERO,
    );
    assert.equal(hex(encode(sumOfMultiples(points, numbers))), expected.toHex(), String(many));
  }
});

test("every element of the group has one encoding, whatever stands for it", () => {
  const point = weighted([5n, GENERATOR]);
  // A point of order four added to it stands for the same element.
  const torsion = ed25519.Point.fromHex("0000000000000000000000000000000000000000000000000000000000000000");
  const other = ed25519.Point.BASE.multiply(5n).add(torsion);
  const limbs = new Float64Array(POINT);
  [other.X, other.Y, other.Z, other.T].forEach((n, i) => limbs.set(element(n), i * LIMBS));
  assert.equal(hex(encode(limbs)), hex(encode(point)));
  assert.ok(isEqual(limbs, point));
});

test("inverses of numbers", () => {
  for (const n of [1n, 2n, ORDER - 1n, ...some(20)]) assert.equal((inverse(n) * n) % ORDER, 1n);
});
