// The ballot (docs/protocol.md §8): bytes, token, signature, proofs. Twin of surveys/protocol/ballot.py.

import {
  type Ciphertext,
  checkRows,
  decodeRow,
  encryption,
  type Row,
  rowSize,
  statement,
} from "./choice_proof.ts";
import { Duplicate, Inconsistent, Malformed } from "./errors.ts";
import type { Scalar } from "./group.ts";
import type { Manifest } from "./manifest.ts";
import { fromText, join, type Octets, same, toHex } from "./octets.ts";
import { verify } from "./signature.ts";
import { decodeKey, verify as verifyToken } from "./token.ts";
import { challenge, digest, hash64, transcript, u32 } from "./transcript.ts";

const MAGIC = fromText("TNB2");
export const HEADER = 76;
export const TOKEN_BYTES = 256;
export const SIGNATURE_BYTES = 64;
const TRACKER_BYTES = 10;

export class Ballot {
  readonly panel: number;
  readonly key: Octets;
  readonly sequence: number;
  readonly rows: readonly Row[];
  readonly body: Octets;
  readonly token: Octets;
  readonly signature: Octets;
  private _digest: Octets | null = null;

  constructor(header: Header, rows: readonly Row[], body: Octets, token: Octets, signature: Octets) {
    this.panel = header.panel;
    this.key = header.key;
    this.sequence = header.sequence;
    this.rows = rows;
    this.body = body;
    this.token = token;
    this.signature = signature;
  }

  /** 32 bytes over the body (8.7). */
  get digest(): Octets {
    this._digest ??= digest("ballot/digest", this.body);
    return this._digest;
  }

  /** 10 bytes, written with `codes.writeCode`. */
  get tracker(): Octets {
    return this.digest.slice(0, TRACKER_BYTES);
  }
}

export interface Header {
  readonly panel: number;
  readonly key: Octets;
  readonly sequence: number;
}

export function ballotSize(contests: number, levels: number): number {
  return HEADER + contests * rowSize(levels) + TOKEN_BYTES + SIGNATURE_BYTES;
}

export function bodyHeader(manifest: Octets, panel: number, key: Octets, sequence: number): Octets {
  return join(MAGIC, manifest, u32(panel), key, u32(sequence));
}

/** What the registrar signs blindly (7.2). */
export function tokenMessage(manifest: Octets, panel: number, key: Octets): Octets {
  return transcript("token", manifest, u32(panel), key);
}

/** What the ballot key signs (8.4). */
export function signedMessage(body: Octets, token: Octets): Octets {
  return transcript("ballot/signature", body, token);
}

/** The one challenge of a ballot (8.5). */
export function proofChallenge(manifest: Octets, header: Header, statements: readonly Octets[]): Scalar {
  return challenge(
    "ballot/proof",
    manifest,
    u32(header.panel),
    header.key,
    u32(header.sequence),
    ...statements,
  );
}

/** The panel that a body names, which is all that is read of it. Throws Malformed. */
export function panelIn(body: Octets, where: string): number {
  if (body.length < HEADER) throw new Malformed("8.2", where, "too short");
  return new DataView(body.buffer, body.byteOffset).getUint32(36);
}

function readHeader(body: Octets, manifest: Manifest, where: string): Header {
  if (body.length < HEADER) throw new Malformed("8.2", where, "too short");
  if (!same(body.slice(0, 4), MAGIC))
    throw new Malformed("8.2", `${where}.magic`, "not a ballot of this version");
  if (!same(body.slice(4, 36), manifest.hash)) {
    throw new Inconsistent("8.2", `${where}.manifest`, "made for another vote");
  }
  const panel = panelIn(body, where);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (panel >= manifest.definition.terms.panels.length) {
    throw new Inconsistent("8.2", `${where}.panel`, "no such panel");
  }
  const sequence = view.getUint32(72);
  if (sequence < 1) throw new Malformed("8.2", `${where}.sequence`, "below 1");
  return { panel, key: body.slice(40, 72), sequence };
}

/** The rows' bytes behind a header, each with its place. */
function cutRows(
  body: Octets,
  panel: number,
  manifest: Manifest,
  where: string,
): (readonly [Octets, string])[] {
  const contests = manifest.definition.panel(panel).contests.length;
  const size = rowSize(manifest.definition.levels.length);
  if (body.length !== HEADER + contests * size)
    throw new Malformed("8.2", where, "not as long as a ballot of its panel");
  return Array.from({ length: contests }, (_, i) => {
    const start = HEADER + i * size;
    return [body.slice(start, start + size), `${where}.contests[${i}]`] as const;
  });
}

/** Decode a body strictly; the ballot has an empty token and signature. */
export function decodeBody(body: Octets, manifest: Manifest, where = "ballot"): Ballot {
  const header = readHeader(body, manifest, where);
  const levels = manifest.definition.levels.length;
  const rows = cutRows(body, header.panel, manifest, where).map(([raw, place]) =>
    decodeRow(raw, levels, "8.2", place),
  );
  return new Ballot(header, rows, body, new Uint8Array(), new Uint8Array());
}

function bodyOf(raw: Octets, where: string): Octets {
  const cut = raw.length - TOKEN_BYTES - SIGNATURE_BYTES;
  if (cut < HEADER) throw new Malformed("8.2", where, "too short");
  return raw.slice(0, cut);
}

/** Decode strictly (8.2). */
export function decodeBallot(raw: Octets, manifest: Manifest, where = "ballot"): Ballot {
  const ballot = decodeBody(bodyOf(raw, where), manifest, where);
  const cut = ballot.body.length;
  return new Ballot(
    ballot,
    ballot.rows,
    ballot.body,
    raw.slice(cut, cut + TOKEN_BYTES),
    raw.slice(cut + TOKEN_BYTES),
  );
}

/** What is counted of a ballot. */
export interface CountedBallot extends Header {
  readonly rows: readonly Ciphertext[];
  readonly digest: Octets;
}

/** 8.3: a paper was issued for this ballot key in this panel. */
export function checkToken(ballot: Ballot, manifest: Manifest, where = "ballot"): void {
  const key = decodeKey(manifest.definition.panel(ballot.panel).tokenKey, `panels[${ballot.panel}]`);
  verifyToken(
    key,
    tokenMessage(manifest.hash, ballot.panel, ballot.key),
    ballot.token,
    "8.3",
    `${where}.token`,
  );
}

/** 8.4: the holder of the ballot key signed body and token. */
export function checkSignature(ballot: Ballot, where = "ballot"): void {
  verify(ballot.key, signedMessage(ballot.body, ballot.token), ballot.signature, "8.4", `${where}.signature`);
}

/** 8.5: every row is one of the rule's choices. */
export function checkProofs(ballot: Ballot, manifest: Manifest, where = "ballot"): void {
  const c = proofChallenge(manifest.hash, ballot, ballot.rows.map(statement));
  checkRows(ballot.rows, c, manifest.electionKey, hash64("ballot/weights", ballot.body), "8.5", where);
}

/** 8.6: within a panel no ballot key and no ciphertext component occurs twice. */
export function checkUnique(ballots: readonly (readonly [string, Omit<CountedBallot, "digest">])[]): void {
  const seen = new Set<string>();
  const once = (panel: number, kind: string, bytes: Octets, where: string, why: string): void => {
    const entry = `${panel} ${kind} ${toHex(bytes)}`;
    if (seen.has(entry)) throw new Duplicate("8.6", where, why);
    seen.add(entry);
  };
  for (const [where, ballot] of ballots) {
    once(ballot.panel, "key", ballot.key, `${where}.key`, "this ballot key occurs twice");
    ballot.rows.forEach((row, i) => {
      for (const [name, point] of [
        ["alpha", row.alpha],
        ["beta", row.beta],
      ] as const) {
        once(
          ballot.panel,
          "point",
          point.encode(),
          `${where}.contests[${i}].${name}`,
          "this ciphertext occurs twice",
        );
      }
    });
  }
}

/** 8.8: the body holds these choices under this randomness. Returns the ballot, whose tracker to compare. */
export function checkOpening(
  body: Octets,
  marks: readonly number[],
  randomness: readonly Scalar[],
  manifest: Manifest,
): Ballot {
  const ballot = decodeBody(body, manifest);
  checkProofs(ballot, manifest);
  if (marks.length !== ballot.rows.length || randomness.length !== ballot.rows.length) {
    throw new Inconsistent("8.8", "opening", "not one choice and one scalar for each row");
  }
  const levels = manifest.definition.levels.length;
  ballot.rows.forEach((row, i) => {
    const mark = marks[i] as number;
    if (mark < 0 || mark > levels) throw new Malformed("8.8", `opening.choices[${i}]`, "no such choice");
    const [alpha, beta] = encryption(manifest.electionKey, mark, randomness[i] as Scalar);
    if (!alpha.equals(row.alpha) || !beta.equals(row.beta)) {
      throw new Inconsistent("8.8", `opening.choices[${i}]`, "the row holds something else");
    }
  });
  return ballot;
}
