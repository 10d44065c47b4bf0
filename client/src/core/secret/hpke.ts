// DANGER. HPKE with a private key (docs/protocol.md 5.3, RFC 9180 §6.1): what a dealer seals, only the
// receiving trustee opens. An ephemeral key that serves twice shows what it sealed: `seal` draws a fresh one
// each time.

import { gcm } from "@noble/ciphers/aes.js";
import { x25519 } from "@noble/curves/ed25519.js";

import { Rejected } from "../errors.ts";
import type { RandomBytes } from "../group.ts";
import { ENC_BYTES, schedule } from "../hpke.ts";
import { join, type Octets } from "../octets.ts";

const KEY_BYTES = 32;
const NO_AAD = new Uint8Array();

/** The public half of an X25519 private key, 32 bytes. */
export function hpkePublicKey(privateKey: Octets): Octets {
  return x25519.getPublicKey(privateKey);
}

/** enc ‖ ciphertext of `text` for the holder of `receiver`. */
export function seal(receiver: Octets, info: Octets, text: Octets, randomBytes: RandomBytes): Octets {
  return sealWith(randomBytes(KEY_BYTES), receiver, info, text);
}

/** The same with a given ephemeral key: for vectors. Throws for a receiver's key of small order. */
export function sealWith(
  ephemeral: Octets,
  receiver: Octets,
  info: Octets,
  text: Octets,
  aad: Octets = NO_AAD,
): Octets {
  const enc = hpkePublicKey(ephemeral);
  const { key, nonce } = schedule(x25519.getSharedSecret(ephemeral, receiver), enc, receiver, info);
  return join(enc, gcm(key, nonce, aad).encrypt(text));
}

/**
 * The text of enc ‖ ciphertext (aad empty). Throws Rejected naming check and place where it does not open.
 */
export function open(privateKey: Octets, info: Octets, sealed: Octets, check: string, where: string): Octets {
  const enc = sealed.slice(0, ENC_BYTES);
  const receiver = hpkePublicKey(privateKey);
  try {
    const { key, nonce } = schedule(x25519.getSharedSecret(privateKey, enc), enc, receiver, info);
    return gcm(key, nonce, NO_AAD).decrypt(sealed.slice(ENC_BYTES));
  } catch {
    // Too short, a key of small order, a wrong tag: which of them it was tells nothing about the share.
    throw new Rejected(check, where, "the encrypted share does not open");
  }
}
