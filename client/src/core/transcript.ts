// Transcripts, digests and challenges (docs/protocol.md §1): every hashed field has its length in front of
// it.

import { sha256, sha512 } from "@noble/hashes/sha2.js";

import { Scalar } from "./group.ts";
import { fromText, join, type Octets } from "./octets.ts";

const PREFIX = "tin-nhiem/v2/";

/** 4 bytes, big-endian. */
export function u32(value: number): Octets {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) throw new RangeError("not a 32-bit number");
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function transcript(label: string, ...fields: readonly Octets[]): Octets {
  const parts = [fromText(PREFIX + label), ...fields].flatMap((field) => [u32(field.length), field]);
  return join(...parts);
}

/** SHA-256 of the transcript, 32 bytes. */
export function digest(label: string, ...fields: readonly Octets[]): Octets {
  return sha256(transcript(label, ...fields));
}

/** SHA-512 of the transcript, 64 bytes. */
export function hash64(label: string, ...fields: readonly Octets[]): Octets {
  return sha512(transcript(label, ...fields));
}

/** Hs of §1. */
export function challenge(label: string, ...fields: readonly Octets[]): Scalar {
  return Scalar.reduce(hash64(label, ...fields));
}
