// The box's receipt (docs/protocol.md 9.3), and the same in writing (9.5). Twin of
// surveys/protocol/receipt.py.

import { Malformed } from "./errors.ts";
import { fromBase64url, join, type Octets, toBase64url } from "./octets.ts";
import { verify } from "./signature.ts";
import { transcript, u32 } from "./transcript.ts";

const PREFIX = "TNR1.";
const WRITTEN_BYTES = 32 + 32 + 32 + 4 + 64;
const CHECK = "9.5";

/**
 * What a receipt says: this ballot, of this ballot key and sequence, is in the box of this vote; with the
 * box's signature.
 */
export interface Promised {
  readonly manifest: Octets;
  readonly digest: Octets;
  readonly key: Octets;
  readonly sequence: number;
  readonly signature: Octets;
}

export function receiptMessage(manifest: Octets, digest: Octets, key: Octets, sequence: number): Octets {
  return transcript("receipt", manifest, digest, key, u32(sequence));
}

/** 9.3. Throws BadSignature. */
export function checkReceipt(boxKey: Octets, said: Promised): void {
  const message = receiptMessage(said.manifest, said.digest, said.key, said.sequence);
  verify(boxKey, message, said.signature, "9.3", "receipt");
}

/** 224 characters (9.5). */
export function writeReceipt(said: Promised): string {
  const raw = join(said.manifest, said.digest, said.key, u32(said.sequence), said.signature);
  return PREFIX + toBase64url(raw);
}

/** A receipt in writing, strictly. Throws Malformed. */
export function readReceipt(text: string): Promised {
  if (!text.startsWith(PREFIX)) throw new Malformed(CHECK, "receipt", "does not begin with TNR1.");
  const raw = fromBase64url(text.slice(PREFIX.length));
  if (raw === null || raw.length !== WRITTEN_BYTES)
    throw new Malformed(CHECK, "receipt", "is not 164 bytes in base64url");
  const sequence = new DataView(raw.buffer, raw.byteOffset).getUint32(96);
  if (sequence < 1) throw new Malformed(CHECK, "receipt.sequence", "below 1");
  return {
    manifest: raw.slice(0, 32),
    digest: raw.slice(32, 64),
    key: raw.slice(64, 96),
    sequence,
    signature: raw.slice(100),
  };
}

const WRITTEN = /TNR1\.[A-Za-z0-9_-]{219}(?![A-Za-z0-9_-])/g;

/**
 * The receipt in a saved page, or in its text alone. Throws Malformed where there is none, or more than one.
 */
export function findReceipt(text: string): Promised {
  const found = new Set(text.match(WRITTEN) ?? []);
  const [only] = found;
  if (only === undefined || found.size > 1)
    throw new Malformed(CHECK, "receipt", `${found.size} receipts in it, not one`);
  return readReceipt(only);
}
