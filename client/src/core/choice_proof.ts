// One row of a ballot: ciphertext and proof (docs/protocol.md 8.5). Twin of surveys/protocol/choice_proof.py.

import { shake256 } from "@noble/hashes/sha3.js";

import { BadProof } from "./errors.ts";
import { BASE, baseMultiply, IDENTITY, Point, Scalar } from "./group.ts";
import { join, type Octets, reversed, toNumber } from "./octets.ts";
import { u32 } from "./transcript.ts";

const PACKING = 2n ** 24n;

export interface Ciphertext {
  readonly alpha: Point;
  readonly beta: Point;
}

export interface Row extends Ciphertext {
  readonly commitments: readonly (readonly [Point, Point])[];
  readonly challenges: readonly Scalar[];
  readonly responses: readonly Scalar[];
}

/** alpha ‖ beta ‖ a_0 ‖ b_0 ‖ … */
export function statement(row: Pick<Row, "alpha" | "beta" | "commitments">): Octets {
  return join(...[row.alpha, row.beta, ...row.commitments.flat()].map((point) => point.encode()));
}

export function encodeRow(row: Row): Octets {
  return join(statement(row), ...[...row.challenges, ...row.responses].map((scalar) => scalar.encode()));
}

export function rowSize(levels: number): number {
  return 64 + 64 * (levels + 1) + 32 * levels + 32 * (levels + 1);
}

export function decodeRow(raw: Octets, levels: number, check: string, where: string): Row {
  const piece = (i: number): Octets => raw.slice(32 * i, 32 * i + 32);
  const point = (i: number, name: string): Point => Point.decode(piece(i), check, `${where}.${name}`);
  const scalar = (i: number, name: string): Scalar => Scalar.decode(piece(i), check, `${where}.${name}`);
  const after = 2 + 2 * (levels + 1);
  return {
    alpha: point(0, "alpha"),
    beta: point(1, "beta"),
    commitments: choices(levels).map(
      (j) => [point(2 + 2 * j, `a[${j}]`), point(3 + 2 * j, `b[${j}]`)] as const,
    ),
    challenges: choices(levels - 1).map((j) => scalar(after + j, `c[${j + 1}]`)),
    responses: choices(levels).map((j) => scalar(after + levels + j, `z[${j}]`)),
  };
}

/** 0 … L. */
export function choices(levels: number): number[] {
  return Array.from({ length: levels + 1 }, (_, j) => j);
}

/** v_j: 0 for not marked, B^(j−1) for level j. */
export function value(choice: number): bigint {
  return choice === 0 ? 0n : PACKING ** BigInt(choice - 1);
}

export function valuePoint(choice: number): Point {
  return choice === 0 ? IDENTITY : choice === 1 ? BASE : baseMultiply(Scalar.of(value(choice)));
}

/** (rG, rY + vG). */
export function encryption(electionKey: Point, choice: number, r: Scalar): readonly [Point, Point] {
  return [baseMultiply(r), electionKey.times(r).plus(valuePoint(choice))];
}

interface Weighed {
  readonly points: Point;
  readonly g: bigint;
  readonly y: bigint;
}

/** The row's 2(L+1) equations, weighted and added up: points + gG + yY is O when all of them hold. */
function weigh(row: Row, c: Scalar, weights: readonly Scalar[]): Weighed {
  const c0 = row.challenges.reduce((rest, challenge) => rest.minus(challenge), c);
  let points = IDENTITY;
  let [g, y, onAlpha, onBeta] = [0n, 0n, 0n, 0n];
  [c0, ...row.challenges].forEach((cj, j) => {
    const [a, b] = row.commitments[j] as readonly [Point, Point];
    const [first, second] = [weights[2 * j] as Scalar, weights[2 * j + 1] as Scalar];
    const zj = row.responses[j] as Scalar;
    points = points.plus(a.timesPublic(first)).plus(b.timesPublic(second));
    onAlpha += first.value * cj.value;
    onBeta += second.value * cj.value;
    g -= first.value * zj.value + second.value * cj.value * value(j);
    y -= second.value * zj.value;
  });
  points = points
    .plus(row.alpha.timesPublic(Scalar.of(onAlpha)))
    .plus(row.beta.timesPublic(Scalar.of(onBeta)));
  return { points, g, y };
}

function vanishes(weighed: Weighed, electionKey: Point): boolean {
  const rest = BASE.timesPublic(Scalar.of(weighed.g)).plus(electionKey.timesPublic(Scalar.of(weighed.y)));
  return weighed.points.plus(rest).isIdentity;
}

/** 128-bit weights out of a hash of everything that they weigh. */
function rowWeights(seed: Octets, row: number, levels: number): Scalar[] {
  const stream = shake256(join(seed, u32(row)), { dkLen: 32 * (levels + 1) });
  return Array.from({ length: 2 * (levels + 1) }, (_, i) =>
    Scalar.of(toNumber(reversed(stream.slice(16 * i, 16 * i + 16)))),
  );
}

/** 8.5 for all rows of a ballot; `seed` is a hash of the whole body. Names the first bad row. */
export function checkRows(
  rows: readonly Row[],
  c: Scalar,
  electionKey: Point,
  seed: Octets,
  check: string,
  where: string,
): void {
  const weighed = rows.map((row, i) => weigh(row, c, rowWeights(seed, i, row.challenges.length)));
  const together = weighed.reduce((a, b) => ({
    points: a.points.plus(b.points),
    g: a.g + b.g,
    y: a.y + b.y,
  }));
  if (vanishes(together, electionKey)) return;
  const bad = weighed.findIndex((each) => !vanishes(each, electionKey));
  const place = bad === -1 ? where : `${where}.contests[${bad}]`;
  throw new BadProof(check, place, "the proof of a valid choice fails");
}
