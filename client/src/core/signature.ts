// Strict Ed25519 (docs/protocol.md 1.2). Twin of surveys/protocol/signature.py.
// noble's own verification multiplies by the cofactor; the rule is the cofactorless equation, so it is
// written out here.

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";

import { BadSignature } from "./errors.ts";
import { FIELD, ORDER } from "./group.ts";
import { join, type Octets, reversed, toNumber } from "./octets.ts";

const Element = ed25519.Point;
const ORDER_EIGHT = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;
const SMALL_Y = new Set([0n, 1n, FIELD - 1n, ORDER_EIGHT, FIELD - ORDER_EIGHT]);

function refused(encoded: Octets): string | null {
  const y = toNumber(reversed(encoded)) & (2n ** 255n - 1n);
  if (y >= FIELD) return "is not canonical";
  return SMALL_Y.has(y) ? "is of small order" : null;
}

/** 1.2: `signature` (64 bytes) of `message` by `key` (32 bytes). */
export function verify(key: Octets, message: Octets, signature: Octets, check: string, where: string): void {
  const refuse = (why: string): never => {
    throw new BadSignature(check, where, why);
  };
  if (key.length !== 32 || signature.length !== 64) refuse("a key has 32 bytes and a signature 64");
  const r = signature.slice(0, 32);
  for (const [name, encoded] of [
    ["the key", key],
    ["R", r],
  ] as const) {
    const why = refused(encoded);
    if (why !== null) refuse(`${name} ${why}`);
  }
  const s = toNumber(reversed(signature.slice(32)));
  if (s >= ORDER) refuse("S is not below the order");
  const k = toNumber(reversed(sha512(join(r, key, message)))) % ORDER;
  let holds = false;
  try {
    const expected = Element.fromBytes(r).add(Element.fromBytes(key).multiplyUnsafe(k));
    holds = Element.BASE.multiplyUnsafe(s).equals(expected);
  } catch {
    holds = false;
  }
  if (!holds) refuse("the signature does not hold");
}

/** The public half of an Ed25519 seed, 32 bytes. */
export function publicKey(seed: Octets): Octets {
  return ed25519.getPublicKey(seed);
}

/** An Ed25519 signature, 64 bytes. */
export function sign(seed: Octets, message: Octets): Octets {
  return ed25519.sign(message, seed);
}
