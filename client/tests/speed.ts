// How long the trustee's steps of a count take: `node tests/speed.ts [sums]`. Points are random, the work is
// that of a real count.

import { randomBytes } from "node:crypto";

import { valuePoint } from "../src/core/choice_proof.ts";
import { baseMultiply, IDENTITY, Point, Scalar } from "../src/core/group.ts";
import type { Octets } from "../src/core/octets.ts";
import type { Sheet } from "../src/core/secret/deal.ts";
import { decryptSums } from "../src/core/secret/decrypt.ts";
import { checkShare, type Share } from "../src/core/shares.ts";
import { publicKey, sign } from "../src/core/signature.ts";
import { openSums, type Sum, solveAll } from "../src/core/tally.ts";

const SUMS = Number(process.argv[2] ?? 4000);
const random = (length: number): Octets => new Uint8Array(randomBytes(length));

function timed<T>(what: string, run: () => T): T {
  const start = performance.now();
  const result = run();
  console.log(`${((performance.now() - start) / 1000).toFixed(2).padStart(8)} s  ${what}`);
  return result;
}

const points: Point[] = [];
for (let at = baseMultiply(Scalar.random(random)), i = 0; i < 1000; i++) {
  at = at.plus(at);
  points.push(at);
}
const raws = points.map((point) => point.encode());
timed("10 000 points decoded", () => {
  for (let i = 0; i < 10_000; i++) Point.decode(raws[i % 1000] as Octets, "2.1", "point");
});
timed("100 000 points added", () => {
  let total = IDENTITY;
  for (let i = 0; i < 100_000; i++) total = total.plus(points[i % 1000] as Point);
});

// Three trustees of a committee whose polynomial has these coefficients.
const coefficients = [1, 2, 3].map(() => Scalar.random(random));
const secretOf = (m: number): Scalar =>
  coefficients.reduceRight((total, a) => total.times(Scalar.of(BigInt(m))).plus(a), Scalar.of(0n));
const [seed, context] = [random(32), { manifest: random(32), board: random(32), plan: random(32) }];
const sheetOf = (trustee: number): Sheet =>
  ({
    trustee,
    sign: (message: Octets) => sign(seed, message),
    shareNonce: () => Scalar.random(random),
  }) as unknown as Sheet;

const cosigners = { cosigned: [1, 2, 3], absent: [] };
for (const most of [30, 100]) {
  const marks = Array.from({ length: SUMS }, (_, s) => [s % 7, (3 * s) % 11, most - 17 - (s % 5)]);
  const key = baseMultiply(coefficients[0] as Scalar);
  const sums: Sum[] = marks.map((counts) => {
    const r = Scalar.random(random);
    const packed = Point.combination(
      [1, 2, 3].map(valuePoint),
      counts.map((n) => Scalar.of(BigInt(n))),
    );
    return [baseMultiply(r), key.times(r).plus(packed)];
  });
  const bases = sums.map(([alpha]) => alpha);
  const share = (m: number): Share =>
    decryptSums(sheetOf(m), secretOf(m), baseMultiply(secretOf(m)), context, cosigners, bases);
  const one = timed(`${SUMS} sums: a trustee's share`, () => share(2));
  timed(`${SUMS} sums: a share checked`, () =>
    checkShare(one, context, baseMultiply(secretOf(2)), publicKey(seed), bases, "share"),
  );
  const shares = [one, ...[5, 9].map(share)];
  const opened = timed(`${SUMS} sums: opened by 3 shares`, () => openSums(sums, shares, 3));
  const counts = timed(`${SUMS} sums of ${most} ballots: counts found`, () =>
    solveAll(
      opened,
      marks.map(() => most),
      3,
    ),
  );
  if (JSON.stringify(counts) !== JSON.stringify(marks)) throw new Error("wrong counts");
}
timed("one sum of 3 000 ballots: counts found", () => {
  const opened = Point.combination(
    [1, 2, 3].map(valuePoint),
    [700, 900, 1300].map((n) => Scalar.of(BigInt(n))),
  );
  return solveAll([opened], [3000], 3);
});
