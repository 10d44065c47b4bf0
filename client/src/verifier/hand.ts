// One pair of hands for the long work: ballots (8.2 – 8.5, and their sums) and requests for papers (7.2), a
// slice at a time.
//
// A verifier has one of them, or one in each worker: the same code, so that a verdict does not depend on how
// many there are. Proofs of a whole slice are checked as one weighted sum (8.5). Danger: weights that a
// forger could foresee would let two wrong proofs cancel each other; so they come from the platform's random
// bytes, hashed together with what they weigh.

import {
  type Ballot,
  ballotDigest,
  type Counted,
  ciphertextsOf,
  decodeBallot,
  pointsInRow,
  proofTerms,
  type Question,
  signedMessage,
  tokenMessage,
} from "./ballot.ts";
import { type Bytes, concat, littleEndian, u32 } from "./bytes.ts";
import { NEUTRAL, POINT, plus } from "./curve.ts";
import { checkSignature } from "./ed25519.ts";
import { sha256, sha512 } from "./hashing.ts";
import { leafHash } from "./merkle.ts";
import { sumOfMultiples } from "./multiples.ts";
import type { Limbs } from "./products.ts";
import { hold, Refused } from "./refused.ts";
import { GENERATOR, isIdentity, modulo, readPoint } from "./ristretto.ts";
import { checkRequest, type Issued } from "./roll.ts";
import { isToken } from "./tokens.ts";

export type BallotCheck = "8.2" | "8.3" | "8.4" | "8.5";

export interface Refusal {
  readonly where: string;
  readonly why: string;
}

/** Ballots `first`, `first` + 1, … of the board. */
export interface Slice {
  readonly first: number;
  readonly ballots: readonly Bytes[];
  /** These very bytes passed 8.2 – 8.5 before: only what later checks need of them is worked out. */
  readonly passed?: boolean;
}

export interface Findings {
  readonly first: number;
  readonly digests: readonly Bytes[];
  readonly leaves: readonly Bytes[];
  /** The panel of each ballot; null where it does not decode. */
  readonly panels: readonly (number | null)[];
  /** The first refusal of each check in this slice. */
  readonly refusals: Readonly<Partial<Record<BallotCheck, Refusal>>>;
}

/** Requests `first`, … of one panel. */
export interface Requests {
  readonly panel: number;
  readonly first: number;
  readonly issued: readonly Issued[];
}

/** For each panel that returned ballots: Σα, Σβ of each of its rows. */
export type PanelSums = ReadonlyMap<number, Limbs>;

export class Hand {
  private readonly _question: Question;
  private readonly _electionKey: Limbs;
  private readonly _sums = new Map<number, Limbs>();

  constructor(question: Question) {
    this._question = question;
    this._electionKey = readPoint(question.electionKey, "manifest.election_key");
  }

  get sums(): PanelSums {
    return this._sums;
  }

  requests({ panel, first, issued }: Requests): Refusal | null {
    return refusalOf(() =>
      issued.forEach((each, i) =>
        checkRequest(this._question.hash, panel, each, `issuance.panels[${panel}][${first + i}]`),
      ),
    );
  }

  ballots({ first, ballots, passed = false }: Slice): Findings {
    const refusals: Partial<Record<BallotCheck, Refusal>> = {};
    const note = (check: BallotCheck, run: () => void): boolean => {
      const refusal = refusalOf(run);
      if (refusal !== null) refusals[check] ??= refusal;
      return refusal === null;
    };
    const digests = ballots.map(ballotDigest);
    const inRow = passed ? 2 : pointsInRow(this._question.levels);
    const decoded = ballots.map((raw, i): Counted | null => {
      const where = `board[${first + i}]`;
      let ballot: Counted | null = null;
      note("8.2", () => (ballot = (passed ? ciphertextsOf : decodeBallot)(raw, this._question, where)));
      return ballot;
    });
    if (!passed) this._check(first, decoded as (Ballot | null)[], digests, note);
    for (const ballot of decoded) if (ballot !== null) this._count(ballot, inRow);
    return {
      first,
      digests,
      leaves: ballots.map((raw, i) => leafHash(concat(digests[i] as Bytes, sha256(raw)))),
      panels: decoded.map((ballot) => ballot?.panel ?? null),
      refusals,
    };
  }

  private _check(
    first: number,
    decoded: readonly (Ballot | null)[],
    digests: readonly Bytes[],
    note: (check: BallotCheck, run: () => void) => boolean,
  ): void {
    decoded.forEach((ballot, i) => {
      if (ballot !== null) this._checkAlone(ballot, `board[${first + i}]`, note);
    });
    this._proofs(first, decoded, digests, note);
  }

  /** 8.3 and 8.4 of one ballot. */
  private _checkAlone(
    ballot: Ballot,
    where: string,
    note: (check: BallotCheck, run: () => void) => boolean,
  ): void {
    const modulus = this._question.moduli?.[ballot.panel];
    if (modulus !== undefined) {
      note("8.3", () =>
        hold(
          isToken(ballot.token, tokenMessage(this._question, ballot), modulus),
          `${where}.token`,
          "is no token of this panel for this ballot key",
        ),
      );
    }
    note("8.4", () =>
      checkSignature(ballot.key, signedMessage(ballot), ballot.signature, `${where}.signature`),
    );
  }

  /** 8.5 of all ballots together; if that fails, of each, to name the first that does not hold. */
  private _proofs(
    first: number,
    decoded: readonly (Ballot | null)[],
    digests: readonly Bytes[],
    note: (check: BallotCheck, run: () => void) => boolean,
  ): void {
    const readable = decoded.filter((ballot) => ballot !== null);
    const weight = weights(digests);
    if (this._hold(readable, weight)) return;
    decoded.forEach((ballot, i) => {
      if (ballot !== null)
        note("8.5", () =>
          hold(this._hold([ballot], weight), `board[${first + i}]`, "holds a row whose proof does not hold"),
        );
    });
  }

  private _hold(ballots: readonly Ballot[], weight: () => bigint): boolean {
    const many = ballots.reduce((sum, ballot) => sum + ballot.points.length / POINT, 0);
    const points = new Float64Array((many + 2) * POINT);
    const numbers: bigint[] = [];
    let [generator, electionKey, at] = [0n, 0n, 0];
    for (const ballot of ballots) {
      const terms = proofTerms(this._question, ballot, weight);
      generator += terms.generator;
      electionKey += terms.electionKey;
      for (const n of terms.points) numbers.push(n);
      points.set(ballot.points, at);
      at += ballot.points.length;
    }
    points.set(GENERATOR, at);
    points.set(this._electionKey, at + POINT);
    numbers.push(modulo(generator), modulo(electionKey));
    return isIdentity(sumOfMultiples(points, numbers));
  }

  /** `inRow` points stand in each row of it, α and β first. */
  private _count(ballot: Counted, inRow: number): void {
    let sums = this._sums.get(ballot.panel);
    if (sums === undefined) {
      sums = new Float64Array(2 * ballot.rows * POINT);
      for (let i = 0; i < 2 * ballot.rows; i++) sums.set(NEUTRAL, i * POINT);
      this._sums.set(ballot.panel, sums);
    }
    for (let row = 0; row < ballot.rows; row++) {
      for (const i of [0, 1])
        plus(
          sums,
          (2 * row + i) * POINT,
          sums,
          (2 * row + i) * POINT,
          ballot.points,
          (row * inRow + i) * POINT,
        );
    }
  }
}

function refusalOf(run: () => void): Refusal | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof Refused) return { where: error.where, why: error.why };
    throw error;
  }
}

/** Numbers below 2^128, each new, which nobody could know who made these ballots. */
export function weights(weighed: readonly Bytes[]): () => bigint {
  const seed = sha512(concat(crypto.getRandomValues(new Uint8Array(32)), ...weighed));
  let [block, at, made] = [seed, 64, 0];
  return () => {
    if (at === 64) {
      block = sha512(concat(seed, u32(made++)));
      at = 0;
    }
    at += 16;
    return littleEndian(block.subarray(at - 16, at));
  };
}
