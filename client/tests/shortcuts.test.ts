// Where the core takes a shorter way than its twin in Python, it has to arrive at the same place.

import assert from "node:assert/strict";
import { test } from "node:test";

import { valuePoint } from "../src/core/choice_proof.ts";
import { Inconsistent } from "../src/core/errors.ts";
import { BASE, baseMultiply, hashToPoint, IDENTITY, ORDER, Point, Scalar } from "../src/core/group.ts";
import { PackedLogarithm } from "../src/core/logarithm.ts";
import { type Octets, toHex } from "../src/core/octets.ts";
import { hash64, u32 } from "../src/core/transcript.ts";

const random = (i: number): Scalar => Scalar.reduce(hash64("test", u32(i)));
const element = (i: number): Point => hashToPoint(hash64("test/point", u32(i)));
const again = (point: Point): Point => Point.decode(point.encode(), "2.1", "point", true);
const number = (point: Point): bigint => Point.identify([point])[0] as bigint;

test("equal points have the same number, however they came about", () => {
  for (let i = 0; i < 200; i++) {
    const [p, q] = [element(i), element(i + 1)];
    const same = [
      p,
      again(p),
      p.plus(q).minus(q),
      q.plus(p).minus(again(q)),
      Point.combination([p, q], [new Scalar(1n), new Scalar(0n)]),
    ];
    assert.equal(new Set(Point.identify(same)).size, 1);
    assert.ok(same.every((each) => each.equals(p)));
  }
  const none = [
    IDENTITY,
    element(1).minus(again(element(1))),
    element(1).times(new Scalar(0n)),
    Point.combination([], []),
  ];
  assert.equal(new Set(Point.identify(none)).size, 1);
});

test("different points have different numbers, among them a point and its negative", () => {
  const points = Array.from({ length: 500 }, (_, i) => element(i));
  const all = [IDENTITY, ...points, ...points.map((point) => IDENTITY.minus(point))];
  assert.equal(new Set(Point.identify(all)).size, all.length);
  assert.equal(new Set(all.map((point) => toHex(point.encode()))).size, all.length);
});

test("one number at a time or many at once", () => {
  const points = [element(3), IDENTITY, element(4), element(3)];
  assert.deepEqual(Point.identify(points), points.map(number));
});

test("a combination is the sum of the multiples, for few points and for many", () => {
  const edges = [0n, 1n, 2n, ORDER - 1n, ORDER - 2n, ORDER / 2n, ORDER / 2n + 1n].map(
    (value) => new Scalar(value),
  );
  for (const size of [1, 2, 7, 15, 16, 17, 40, 200]) {
    const points = Array.from({ length: size }, (_, i) => (i % 9 === 8 ? IDENTITY : element(i)));
    const scalars = points.map((_, i) =>
      i % 3 === 0 ? (edges[(i / 3) % edges.length] as Scalar) : random(i),
    );
    const sum = points.reduce((total, point, i) => total.plus(point.times(scalars[i] as Scalar)), IDENTITY);
    assert.equal(toHex(Point.combination(points, scalars).encode()), toHex(sum.encode()), `${size} points`);
  }
  assert.throws(() => Point.combination([BASE], []), RangeError);
});

function pack(counts: readonly number[]): Point {
  return counts.reduce(
    (sum, n, j) => sum.plus(valuePoint(j + 1).timesPublic(Scalar.of(BigInt(n)))),
    IDENTITY,
  );
}

test("the packed logarithm is found with a table of any shape", () => {
  for (const levels of [2, 3, 4, 5]) {
    for (const sums of [1, 12, 1e5]) {
      const most = levels > 3 ? 9 : 25;
      const table = new PackedLogarithm(levels, most, sums);
      for (let i = 0; i < 25; i++) {
        const drawn: Octets = hash64("test/counts", u32(i), u32(levels));
        let left = most - (i % 4);
        const counts = Array.from({ length: levels }, (_, j) => {
          const n = (drawn[j] as number) % (left + 1);
          left -= n;
          return n;
        });
        const total = counts.reduce((a, b) => a + b, 0);
        assert.deepEqual(table.solve(pack(counts), most), counts);
        assert.deepEqual(table.solve(pack(counts), total), counts);
        if (total > 0) assert.throws(() => table.solve(pack(counts), total - 1), Inconsistent);
      }
      assert.throws(() => table.solve(IDENTITY.minus(BASE), most), Inconsistent);
      assert.throws(() => table.solve(baseMultiply(random(levels)), most), Inconsistent);
      assert.throws(() => table.solve(BASE, most + 1), RangeError);
    }
  }
});
