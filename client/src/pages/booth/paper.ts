// A ballot paper in the voter's hands (docs/protocol.md §7, 8.10, 8.11): made ready, asked for, sealed, laid
// open, sent. Functions from what is kept to what is kept next; who stores it and what is shown is in
// flow.ts.
//
// Danger: the order. What is needed to go on is put away before a request leaves, and nothing from which a
// mark follows is ever in it.

import { tokenMessage } from "../../core/ballot.ts";
import { digestOf } from "../../core/board.ts";
import { writeCode } from "../../core/codes.ts";
import { Scalar } from "../../core/group.ts";
import { panelMessage } from "../../core/issuance.ts";
import type { Manifest } from "../../core/manifest.ts";
import { fromHex, type Octets, same, toHex } from "../../core/octets.ts";
import { encodeOpening, encodeShort } from "../../core/opening.ts";
import { checkReceipt } from "../../core/receipt.ts";
import { blind, finalize } from "../../core/secret/blind.ts";
import { signBody } from "../../core/secret/encrypt.ts";
import type { SlipKey } from "../../core/secret/slip_key.ts";
import { publicKey } from "../../core/signature.ts";
import { decodeKey } from "../../core/token.ts";
import { digest } from "../../core/transcript.ts";
import { Unreachable } from "../../dom/http.ts";
import type { Sealed, SealJob } from "../../worker/sealing.ts";
import type { Kept } from "./storage.ts";
import type { Opened, Receipt } from "./views.ts";
import type { Wire } from "./wire.ts";

type Random = (length: number) => Octets;

/** What shows that one holds a slip (15.2): its public key, and a signature. */
export function shown(manifest: Manifest, slip: SlipKey): readonly [Octets, Octets] {
  return [slip.public, slip.sign(panelMessage(manifest.hash, slip.public))];
}

/** A paper before it is asked for: a fresh ballot key and nothing else. */
export function freshPaper(manifest: Manifest, panel: number, random: Random): Kept {
  return {
    manifest: toHex(manifest.hash),
    panel,
    seed: toHex(random(32)),
    sequence: 0,
    request: null,
    token: null,
    body: null,
    sent: null,
    receipt: null,
  };
}

/** The sequence counts ballots that were cast, so it does not tell how often somebody hesitated (8.8). */
export function nextSequence(kept: Kept): number {
  return (kept.receipt?.sequence ?? 0) + 1;
}

export function ballotKey(kept: Kept): Octets {
  return publicKey(octets(kept.seed));
}

export function sealJob(manifest: Manifest, kept: Kept, marks: readonly number[], random: Random): SealJob {
  const question = manifest.question(kept.panel);
  return {
    hash: question.hash,
    electionKey: question.electionKey.encode(),
    levels: question.levels,
    contests: question.contests,
    panel: kept.panel,
    marks,
    key: ballotKey(kept),
    sequence: nextSequence(kept),
    seed: random(32),
  };
}

/** With a sealed body; where there is no token yet, with the request for one. */
export function withBody(manifest: Manifest, kept: Kept, body: Octets, random: Random): Kept {
  const next = { ...kept, body: toHex(body), sequence: nextSequence(kept) };
  if (kept.token !== null || kept.request !== null) return next;
  const message = tokenMessage(manifest.hash, kept.panel, ballotKey(kept));
  const made = blind(tokenKey(manifest, kept.panel), message, random);
  return { ...next, request: { blinded: toHex(made.message), inverse: String(made.inverse) } };
}

/** Without a body: it was laid open, or given up. */
export function withoutBody(kept: Kept): Kept {
  return { ...kept, body: null, sequence: kept.receipt?.sequence ?? 0 };
}

/**
 * Ask for the token with the request that is kept. Throws what the wire throws; Rejected where the token does
 * not hold.
 */
export async function askForToken(manifest: Manifest, kept: Kept, slip: SlipKey, wire: Wire): Promise<Kept> {
  if (kept.request === null) throw new Error("nothing is asked for");
  const blinded = { message: octets(kept.request.blinded), inverse: BigInt(kept.request.inverse) };
  const answer = await wire.issue(slip.request(manifest.hash, kept.panel, blinded.message));
  const message = tokenMessage(manifest.hash, kept.panel, ballotKey(kept));
  const token = finalize(tokenKey(manifest, kept.panel), message, answer, blinded);
  // The blind is of no more use; without it nobody who opens this storage can link request and token.
  return { ...kept, token: toHex(token), request: null };
}

/** Signed and ready: from here on only these bytes are sent. */
export function readyToSend(kept: Kept): Kept {
  if (kept.body === null || kept.token === null) throw new Error("there is nothing to cast");
  const raw = signBody({ body: octets(kept.body) }, octets(kept.seed), octets(kept.token));
  return { ...kept, body: null, sent: toHex(raw) };
}

/**
 * Send what is ready; the paper with its receipt. Throws what the wire throws; Rejected where the receipt
 * does not hold.
 */
export async function send(manifest: Manifest, kept: Kept, wire: Wire): Promise<Kept> {
  const raw = octets(kept.sent ?? "");
  const answer = await wire.cast(raw);
  if (!same(answer.digest, digestOf(raw))) throw new Unreachable("a receipt for another ballot");
  const { boxKey } = manifest.definition.terms;
  checkReceipt(boxKey, { manifest: manifest.hash, key: ballotKey(kept), sequence: kept.sequence, ...answer });
  return received(kept, toHex(answer.signature));
}

/** With its receipt; null where only a look-up could say that the ballot is in the box. */
export function received(kept: Kept, signature: string | null): Kept {
  const hash = toHex(digestOf(octets(kept.sent ?? "")));
  return { ...kept, sent: null, body: null, receipt: { digest: hash, signature, sequence: kept.sequence } };
}

/** The tracker of the bytes that are sent (10 bytes). */
export function trackerSent(kept: Kept): Octets {
  return digestOf(octets(kept.sent ?? "")).slice(0, 10);
}

export function receiptOf(kept: Kept): Receipt {
  const held = kept.receipt;
  if (held === null) throw new Error("there is no receipt");
  const hash = octets(held.digest);
  const signature = held.signature === null ? null : octets(held.signature);
  return { tracker: trackerOf(hash), digest: hash, key: ballotKey(kept), sequence: held.sequence, signature };
}

/** Lay a sealed ballot open (8.8): it can then not be cast. */
export function layOpen(manifest: Manifest, kept: Kept, sealed: Sealed): Opened {
  const randomness = sealed.randomness.map((r) => Scalar.decode(r, "8.8", "opening.randomness"));
  const short = encodeShort({
    manifest: manifest.hash,
    panel: kept.panel,
    key: ballotKey(kept),
    sequence: kept.sequence,
    seed: sealed.seed,
    choices: sealed.marks,
  });
  const file = encodeOpening({ body: sealed.body, choices: sealed.marks, randomness });
  return { tracker: trackerOf(sealed.digest), choices: sealed.marks, file, short };
}

/** The tracker of a sealed body, as it is written. */
export function trackerOfBody(kept: Kept): string {
  return trackerOf(digest("ballot/digest", octets(kept.body ?? "")));
}

function trackerOf(digest: Octets): string {
  return writeCode(digest.slice(0, 10));
}

function tokenKey(manifest: Manifest, panel: number): ReturnType<typeof decodeKey> {
  return decodeKey(manifest.definition.panel(panel).tokenKey);
}

function octets(text: string): Octets {
  const raw = fromHex(text);
  if (raw === null) throw new Error("not hex");
  return raw;
}
