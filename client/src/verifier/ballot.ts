// A ballot's bytes (docs/protocol.md 8.1, 8.2, 8.7) and the terms of its proofs (8.5).

import { type Bytes, littleEndian, readU32, same, u32 } from "./bytes.ts";
import { POINT } from "./curve.ts";
import { challenge, digest, transcript } from "./hashing.ts";
import type { Limbs } from "./products.ts";
import { hold } from "./refused.ts";
import { decodeInto, modulo, ORDER } from "./ristretto.ts";

/** What a ballot is judged by; it travels to workers. */
export interface Question {
  readonly hash: Bytes;
  readonly electionKey: Bytes;
  readonly levels: number;
  /** The contests of each panel. */
  readonly contests: readonly (readonly number[])[];
  /** The modulus of each panel's token key; null where 7.1 failed. */
  readonly moduli: readonly bigint[] | null;
}

export interface Ballot {
  readonly panel: number;
  readonly key: Bytes;
  readonly sequence: number;
  readonly rows: number;
  readonly body: Bytes;
  readonly token: Bytes;
  readonly signature: Bytes;
  /** Row after row α, β, a₀, b₀, …, a_L, b_L. */
  readonly points: Limbs;
  /** Row after row c₁ … c_L, z₀ … z_L. */
  readonly scalars: readonly bigint[];
}

const MAGIC = Uint8Array.of(0x54, 0x4e, 0x42, 0x32);
const HEADER = 76;
const TOKEN = 256;
const SIGNATURE = 64;

/** Points in a row, and all its bytes. */
export function pointsInRow(levels: number): number {
  return 2 + 2 * (levels + 1);
}

function rowSize(levels: number): number {
  return 32 * (pointsInRow(levels) + levels + levels + 1);
}

/** Where in a ballot's bytes the α of a row stands; its β follows. */
export function placeOfRow(row: number, levels: number): number {
  return HEADER + row * rowSize(levels);
}

export function bodyOf(raw: Bytes): Bytes {
  return raw.subarray(0, Math.max(0, raw.length - TOKEN - SIGNATURE));
}

/** 8.7. */
export function ballotDigest(raw: Bytes): Bytes {
  return digest("ballot/digest", bodyOf(raw));
}

/** 8.2. Throws Refused. */
export function decodeBallot(raw: Bytes, { hash, levels, contests }: Question, where: string): Ballot {
  hold(raw.length >= HEADER && same(raw.subarray(0, 4), MAGIC), where, "does not begin as a ballot");
  hold(same(raw.subarray(4, 36), hash), where, "is of another vote");
  const panel = readU32(raw, 36);
  const rows = contests[panel]?.length;
  hold(rows !== undefined, where, "is of no panel");
  hold(
    raw.length === HEADER + rows * rowSize(levels) + TOKEN + SIGNATURE,
    where,
    "has another length than its panel's ballots",
  );
  const sequence = readU32(raw, 72);
  hold(sequence >= 1, where, "has the sequence number 0");
  const [inRow, numbers] = [pointsInRow(levels), 2 * levels + 1];
  const points = new Float64Array(rows * inRow * POINT);
  const scalars: bigint[] = [];
  for (let row = 0, at = HEADER; row < rows; row++) {
    for (let i = 0; i < inRow; i++, at += 32) {
      const good = decodeInto(points, (row * inRow + i) * POINT, raw, at) && !isZeroAt(raw, at);
      hold(good, `${where}.rows[${row}]`, `has no point, or the identity, at place ${i}`);
    }
    for (let i = 0; i < numbers; i++, at += 32) {
      const n = littleEndian(raw.subarray(at, at + 32));
      hold(n < ORDER, `${where}.rows[${row}]`, "holds a number that is not below the group's order");
      scalars.push(n);
    }
  }
  const body = bodyOf(raw);
  return {
    panel,
    key: raw.subarray(40, 72),
    sequence,
    rows,
    body,
    token: raw.subarray(body.length, body.length + TOKEN),
    signature: raw.subarray(body.length + TOKEN),
    points,
    scalars,
  };
}

/** What of a ballot enters the sums. */
export interface Counted {
  readonly panel: number;
  readonly rows: number;
  /** Row after row α, β. */
  readonly points: Limbs;
}

/**
 * The ciphertexts of a ballot that has been decoded whole before, and nothing else of it. Throws Refused
 * where it cannot be such a one.
 */
export function ciphertextsOf(raw: Bytes, { levels, contests }: Question, where: string): Counted {
  hold(raw.length >= HEADER, where, "does not begin as a ballot");
  const panel = readU32(raw, 36);
  const rows = contests[panel]?.length;
  hold(rows !== undefined, where, "is of no panel");
  const whole = HEADER + rows * rowSize(levels) + TOKEN + SIGNATURE;
  hold(raw.length === whole, where, "has another length than its panel's ballots");
  const points = new Float64Array(2 * rows * POINT);
  for (let row = 0; row < rows; row++) {
    for (const i of [0, 1]) {
      const good = decodeInto(points, (2 * row + i) * POINT, raw, placeOfRow(row, levels) + 32 * i);
      hold(good, `${where}.rows[${row}]`, `has no point at place ${i}`);
    }
  }
  return { panel, rows, points };
}

function isZeroAt(raw: Bytes, at: number): boolean {
  for (let i = at; i < at + 32; i++) if (raw[i] !== 0) return false;
  return true;
}

/** What the token signs (7.2). */
export function tokenMessage({ hash }: Question, ballot: Ballot): Bytes {
  return transcript("token", hash, u32(ballot.panel), ballot.key);
}

/** What the ballot key signs (8.4). */
export function signedMessage(ballot: Ballot): Bytes {
  return transcript("ballot/signature", ballot.body, ballot.token);
}

/** c of 8.5. */
function challengeOf({ hash, levels }: Question, ballot: Ballot): bigint {
  const rows = Array.from({ length: ballot.rows }, (_, row) => {
    const at = placeOfRow(row, levels);
    return ballot.body.subarray(at, at + 32 * pointsInRow(levels));
  });
  return challenge("ballot/proof", hash, u32(ballot.panel), ballot.key, u32(ballot.sequence), ...rows);
}

/**
 * Σ ρ(a_j + c_jα − z_jG) + σ(b_j + c_j(β − v_jG) − z_jY) over all rows and branches, as numbers to multiply
 * with.
 */
export interface Terms {
  readonly generator: bigint;
  readonly electionKey: bigint;
  /** In the order of the ballot's points. */
  readonly points: readonly bigint[];
}

const B = 2n ** 24n;

/** The weighted equations of 8.5; `weight` gives unpredictable numbers below 2^128, a new one each time. */
export function proofTerms(question: Question, ballot: Ballot, weight: () => bigint): Terms {
  const { levels } = question;
  const c = challengeOf(question, ballot);
  let [generator, electionKey] = [0n, 0n];
  const points: bigint[] = [];
  for (let row = 0; row < ballot.rows; row++) {
    const at = row * (2 * levels + 1);
    const sent = ballot.scalars.slice(at, at + levels);
    const responses = ballot.scalars.slice(at + levels, at + 2 * levels + 1);
    const challenges = [modulo(c - sent.reduce((sum, each) => sum + each, 0n)), ...sent];
    let [alpha, beta] = [0n, 0n];
    const commitments: bigint[] = [];
    challenges.forEach((cj, j) => {
      const [rho, sigma, z] = [weight(), weight(), responses[j] as bigint];
      const v = j === 0 ? 0n : B ** BigInt(j - 1);
      alpha += rho * cj;
      beta += sigma * cj;
      generator -= rho * z + sigma * cj * v;
      electionKey -= sigma * z;
      commitments.push(rho, sigma);
    });
    points.push(modulo(alpha), modulo(beta), ...commitments);
  }
  return { generator: modulo(generator), electionKey: modulo(electionKey), points };
}
