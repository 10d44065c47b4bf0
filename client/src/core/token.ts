// The anonymous token, public side (docs/protocol.md §7, RFC 9474 RSABSSA-SHA384-PSS-Deterministic). Twin of
// token.py.

import { sha384 } from "@noble/hashes/sha2.js";

import { BadSignature, Malformed } from "./errors.ts";
import { fromHex, fromNumber, join, type Octets, same, toNumber } from "./octets.ts";

const KEY_BITS = 2048;
const EXPONENT = 65537n;
export const SALT_BYTES = 48;
const HASH_BYTES = 48;

export interface PublicKey {
  readonly n: bigint;
  readonly e: bigint;
}

// The one encoding of an RSA key of 2048 bits with exponent 65537 (DER SubjectPublicKeyInfo), before and
// after the modulus.
const BEFORE = fromHex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100") as Octets;
const AFTER = fromHex("0203010001") as Octets;

/** A token key by 7.1. */
export function decodeKey(der: Octets, where = "token_key"): PublicKey {
  const modulus = der.slice(BEFORE.length, BEFORE.length + KEY_BITS / 8);
  const n = toNumber(modulus);
  if (!same(der, join(BEFORE, modulus, AFTER)) || n >> BigInt(KEY_BITS - 1) !== 1n || n % 2n === 0n) {
    throw new Malformed("7.1", where, "not a key of 2048 bits with exponent 65537 in its one encoding");
  }
  return { n, e: EXPONENT };
}

export function keyBits(key: PublicKey): number {
  return key.n.toString(2).length;
}

export function keyBytes(key: PublicKey): number {
  return Math.ceil(keyBits(key) / 8);
}

/** base^exponent mod n, for public values. */
export function power(base: bigint, exponent: bigint, n: bigint): bigint {
  let result = 1n;
  for (let left = base % n, bits = exponent; bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = (result * left) % n;
    left = (left * left) % n;
  }
  return result;
}

/** RSASSA-PSS-VERIFY with SHA-384 and a 48-byte salt (RFC 8017 §8.1.2). */
export function verify(key: PublicKey, message: Octets, token: Octets, check = "8.3", where = "token"): void {
  if (!holds(key, message, token))
    throw new BadSignature(check, where, "no ballot paper was issued for this ballot");
}

function holds(key: PublicKey, message: Octets, token: Octets): boolean {
  const value = toNumber(token);
  if (token.length !== keyBytes(key) || value >= key.n) return false;
  const bits = keyBits(key) - 1;
  const length = Math.ceil(bits / 8);
  const opened = power(value, key.e, key.n);
  if (opened >> BigInt(8 * length) !== 0n) return false;
  const encoded = fromNumber(opened, length);
  const blockLength = length - HASH_BYTES - 1;
  if (blockLength < SALT_BYTES + 1 || encoded[length - 1] !== 0xbc) return false;
  const spare = 8 * length - bits;
  const first = encoded[0] as number;
  if (first >> (8 - spare) !== 0) return false;
  const hashed = encoded.slice(blockLength, blockLength + HASH_BYTES);
  const block = mask(encoded.slice(0, blockLength), mgf1(hashed, blockLength));
  block[0] = (block[0] as number) & (0xff >> spare);
  const padding = block.slice(0, blockLength - SALT_BYTES);
  if (padding.some((byte, i) => byte !== (i === padding.length - 1 ? 1 : 0))) return false;
  const salt = block.slice(blockLength - SALT_BYTES);
  return same(hashed, sha384(join(new Uint8Array(8), sha384(message), salt)));
}

/** MGF1 with SHA-384 (RFC 8017 B.2.1). */
export function mgf1(seed: Octets, length: number): Octets {
  const blocks = Array.from({ length: Math.ceil(length / HASH_BYTES) }, (_, counter) =>
    sha384(join(seed, fromNumber(BigInt(counter), 4))),
  );
  return join(...blocks).slice(0, length);
}

function mask(block: Octets, by: Octets): Octets {
  return block.map((byte, i) => byte ^ (by[i] as number));
}

/** EMSA-PSS-ENCODE with SHA-384 (RFC 8017 §9.1.1). Throws RangeError where the key is too short. */
export function emsaPss(message: Octets, bits: number, salt: Octets): Octets {
  const length = Math.ceil(bits / 8);
  if (length < HASH_BYTES + salt.length + 2) throw new RangeError("the key is too short");
  const hashed = sha384(join(new Uint8Array(8), sha384(message), salt));
  const padding = new Uint8Array(length - salt.length - HASH_BYTES - 2);
  const block = join(padding, Uint8Array.of(1), salt);
  const masked = mask(block, mgf1(hashed, block.length));
  masked[0] = (masked[0] as number) & (0xff >> (8 * length - bits));
  return join(masked, hashed, Uint8Array.of(0xbc));
}
