// DANGER. A voter's choices become a ballot (docs/protocol.md 8.4, 8.5). The randomness opens the vote: it is
// made here, used here and forgotten here, unless the voter challenges the ballot (8.8), which then is never
// cast.

import { bodyHeader, proofChallenge, signedMessage } from "../ballot.ts";
import { choices, encodeRow, type Row, statement, value, valuePoint } from "../choice_proof.ts";
import { baseMultiply, type Point, type RandomBytes, Scalar } from "../group.ts";
import type { Question } from "../manifest.ts";
import { join, type Octets } from "../octets.ts";
import { sign } from "../signature.ts";
import { hash64, u32 } from "../transcript.ts";

export interface SealedBody {
  readonly body: Octets;
  readonly choices: readonly number[];
  readonly randomness: readonly Scalar[];
}

const ZERO = new Scalar(0n);

/** A row whose true branch waits for the ballot's challenge. */
class OpenRow {
  readonly alpha: Point;
  readonly beta: Point;
  readonly commitments: readonly (readonly [Point, Point])[];
  readonly r: Scalar;
  readonly #true: number;
  readonly #w: Scalar;
  readonly #drawn: readonly (readonly [Scalar, Scalar])[];

  constructor(key: Point, choice: number, levels: number, randomBytes: RandomBytes) {
    this.#true = choice;
    this.r = nonZero(randomBytes);
    this.#w = nonZero(randomBytes);
    this.#drawn = choices(levels).map((j) =>
      j === choice ? [ZERO, ZERO] : [Scalar.random(randomBytes), Scalar.random(randomBytes)],
    );
    this.alpha = baseMultiply(this.r);
    this.beta = key.times(this.r).plus(valuePoint(choice));
    this.commitments = this.#drawn.map(([c, z], j) => {
      if (j === choice) return [baseMultiply(this.#w), key.times(this.#w)] as const;
      const t = z.minus(c.times(this.r));
      const offset = c.times(Scalar.of(value(j) - value(choice)));
      return [baseMultiply(t), key.times(t).plus(baseMultiply(offset))] as const;
    });
  }

  close(c: Scalar): Row {
    const rest = this.#drawn.reduce((left, [challenge]) => left.minus(challenge), c);
    const all = this.#drawn.map(([challenge], j) => (j === this.#true ? rest : challenge));
    const responses = this.#drawn.map(([, z], j) =>
      j === this.#true ? this.#w.plus(rest.times(this.r)) : z,
    );
    return {
      alpha: this.alpha,
      beta: this.beta,
      commitments: this.commitments,
      challenges: all.slice(1),
      responses,
    };
  }
}

/** The draws of 8.9 out of one seed (32 bytes, used for one ballot only). */
export function seeded(seed: Octets): RandomBytes {
  if (seed.length !== 32) throw new RangeError("a seed has 32 bytes");
  let drawn = 0;
  return (length) => {
    if (length !== 64) throw new RangeError("a draw has 64 bytes");
    return hash64("ballot/random", seed, u32(drawn++));
  };
}

function nonZero(randomBytes: RandomBytes): Scalar {
  for (;;) {
    const scalar = Scalar.random(randomBytes);
    if (!scalar.isZero) return scalar;
  }
}

/** Encrypt and prove one choice (0 … L) for each contest of the panel, in the panel's order. */
export function sealBody(
  question: Question,
  panel: number,
  marks: readonly number[],
  ballotKey: Octets,
  sequence: number,
  randomBytes: RandomBytes,
): SealedBody {
  const levels = question.levels;
  if (marks.length !== question.contests) throw new RangeError("not one choice for each contest");
  if (marks.some((mark) => !Number.isInteger(mark) || mark < 0 || mark > levels))
    throw new RangeError("no such choice");
  const rows = marks.map((mark) => new OpenRow(question.electionKey, mark, levels, randomBytes));
  const c = proofChallenge(question.hash, { panel, key: ballotKey, sequence }, rows.map(statement));
  const body = join(
    bodyHeader(question.hash, panel, ballotKey, sequence),
    ...rows.map((row) => encodeRow(row.close(c))),
  );
  return { body, choices: [...marks], randomness: rows.map((row) => row.r) };
}

/** The ballot's bytes, ready to cast (8.4). */
export function signBody(sealed: { readonly body: Octets }, ballotSeed: Octets, token: Octets): Octets {
  return join(sealed.body, token, sign(ballotSeed, signedMessage(sealed.body, token)));
}
