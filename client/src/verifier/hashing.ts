// Transcripts, digests and challenges (docs/protocol.md §1). The hash functions are @noble/hashes, as nothing
// in a browser hashes without waiting.

import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { type Bytes, littleEndian, utf8 } from "./bytes.ts";
import { ORDER } from "./ristretto.ts";

export { sha384 } from "@noble/hashes/sha2.js";
export { sha256, sha512 };

/** lp(x) of each part, one after the other. */
export function prefixed(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(whole.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length);
    whole.set(part, at + 4);
    at += 4 + part.length;
  }
  return whole;
}

/** T(label, f₁, …, fₙ). */
export function transcript(label: string, ...fields: readonly Bytes[]): Bytes {
  return prefixed(utf8(`tin-nhiem/v2/${label}`), ...fields);
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
