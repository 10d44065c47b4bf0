// Transcripts, digests and challenges (docs/protocol.md §1). The hash functions are @noble/hashes, as nothing in a browser hashes without waiting.

import { sha256 } from "@noble/hashes/sha2.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, littleEndian, u32, utf8 } from "./bytes.ts";
import { ORDER } from "./ristretto.ts";

export { sha256, sha512 };
export { sha384 } from "@noble/hashes/sha2.js";

function lp(part: Bytes): Bytes[] {
  return [u32(part.length), part];
}

/** T(label, f₁, …, fₙ). */
export function transcript(label: string, ...fields: readonly Bytes[]): Bytes {
  return concat(...[utf8(`tin-nhiem/v1/${label}`), ...fields].flatMap(lp));
}

export function digest(label: string, ...fields: readonly Bytes[]): Bytes {
  return sha256(transcript(label, ...fields));
}

export function hash64(label: string, ...fields: readonly Bytes[]): Bytes {
  return sha512(transcript(label, ...fields));
}

/** Hs(label, …): a number below the group's order. */
export function challenge(label: string, ...fields: readonly Bytes[]): bigint {
  return littleEndian(hash64(label, ...fields)) % ORDER;
}
