// HPKE in base mode (RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM), as docs/protocol.md 5.3
// uses it: one message a key. Here the key schedule; who has a private key or an ephemeral one is in
// secret/hpke.ts.

import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { fromNumber, fromText, join, type Octets } from "./octets.ts";

const VERSION = fromText("HPKE-v1");
const KEM = join(fromText("KEM"), Uint8Array.of(0, 0x20));
const SUITE = join(fromText("HPKE"), Uint8Array.of(0, 0x20, 0, 1, 0, 1));
const BASE_MODE = Uint8Array.of(0);
const EMPTY = new Uint8Array();
const SECRET_BYTES = 32;
const KEY_BYTES = 16;
const NONCE_BYTES = 12;
export const ENC_BYTES = 32;

/** What AES-128-GCM takes for the first message under an encapsulated key. */
export interface MessageKey {
  readonly key: Octets;
  readonly nonce: Octets;
}

function labeledExtract(suite: Octets, salt: Octets, label: string, ikm: Octets): Octets {
  return extract(sha256, join(VERSION, suite, fromText(label), ikm), salt);
}

function labeledExpand(suite: Octets, prk: Octets, label: string, info: Octets, length: number): Octets {
  return expand(
    sha256,
    prk,
    join(fromNumber(BigInt(length), 2), VERSION, suite, fromText(label), info),
    length,
  );
}

/** RFC 9180 §4.1 and §5.1: from the Diffie-Hellman value, both public keys and `info`. */
export function schedule(exchanged: Octets, enc: Octets, receiver: Octets, info: Octets): MessageKey {
  const agreed = labeledExtract(KEM, EMPTY, "eae_prk", exchanged);
  const shared = labeledExpand(KEM, agreed, "shared_secret", join(enc, receiver), SECRET_BYTES);
  const noPsk = labeledExtract(SUITE, EMPTY, "psk_id_hash", EMPTY);
  const context = join(BASE_MODE, noPsk, labeledExtract(SUITE, EMPTY, "info_hash", info));
  const secret = labeledExtract(SUITE, shared, "secret", EMPTY);
  return {
    key: labeledExpand(SUITE, secret, "key", context, KEY_BYTES),
    nonce: labeledExpand(SUITE, secret, "base_nonce", context, NONCE_BYTES),
  };
}
