// Token keys and tokens (docs/protocol.md 7.1, 8.3): RSA keys of one form, RSASSA-PSS-VERIFY of RFC 8017
// §8.1.2.

import { type Bytes, bigEndian, concat, same, u32, unhex } from "./bytes.ts";
import { sha384 } from "./hashing.ts";
import { hold } from "./refused.ts";

const BITS = 2048;
const SIZE = BITS / 8;
const HASH = 48;
const SALT = 48;
const MASKED = SIZE - HASH - 1;
/**
 * SubjectPublicKeyInfo of rsaEncryption up to a modulus of exactly 2048 bits, and the exponent 65537 behind
 * it.
 */
const BEFORE = unhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100") as Bytes;
const BEHIND = unhex("0203010001") as Bytes;

/** 7.1: the modulus of a token key, odd and of exactly 2048 bits. Throws Refused. */
export function readTokenKey(der: Bytes, where: string): bigint {
  const end = BEFORE.length + SIZE;
  const fits =
    der.length === end + BEHIND.length &&
    same(der.subarray(0, BEFORE.length), BEFORE) &&
    same(der.subarray(end), BEHIND);
  hold(
    fits && der[BEFORE.length]! >= 0x80 && der[end - 1]! % 2 === 1,
    where,
    "is no RSA key of 2048 bits with the exponent 65537",
  );
  return bigEndian(der.subarray(BEFORE.length, end));
}

/** 8.3: the token is a signature of the message under the key with this modulus. */
export function isToken(token: Bytes, message: Bytes, modulus: bigint): boolean {
  const s = bigEndian(token);
  if (token.length !== SIZE || s >= modulus) return false;
  let power = s;
  for (let i = 0; i < 16; i++) power = (power * power) % modulus;
  const encoded = unhex(((power * s) % modulus).toString(16).padStart(2 * SIZE, "0")) as Bytes;
  return isEncoded(encoded, sha384(message));
}

/** EMSA-PSS-VERIFY (RFC 8017 §9.1.2) over 2047 bits. */
function isEncoded(encoded: Bytes, hash: Bytes): boolean {
  const [masked, check] = [encoded.subarray(0, MASKED), encoded.subarray(MASKED, SIZE - 1)];
  if (encoded[SIZE - 1] !== 0xbc || encoded[0]! >= 0x80) return false;
  const opened = maskOf(check).map((byte, i) => byte ^ masked[i]!);
  opened[0]! &= 0x7f;
  const ones = MASKED - SALT - 1;
  if (opened[ones] !== 1 || opened.subarray(0, ones).some((byte) => byte !== 0)) return false;
  return same(sha384(concat(new Uint8Array(8), hash, opened.subarray(ones + 1))), check);
}

/** MGF1 with SHA-384 (RFC 8017 §B.2.1). */
function maskOf(seed: Bytes): Bytes {
  const rounds = Array.from({ length: Math.ceil(MASKED / HASH) }, (_, i) => sha384(concat(seed, u32(i))));
  return concat(...rounds).slice(0, MASKED);
}
