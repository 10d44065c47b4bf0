// DANGER. The voter's side of the blind signature (docs/protocol.md 7.2, 7.4; RFC 9474 §4.2, §4.4). The blind
// keeps voter and ballot apart; it is used once and never stored.

import { BadSignature } from "../errors.ts";
import type { RandomBytes } from "../group.ts";
import { fromNumber, type Octets, toNumber } from "../octets.ts";
import { emsaPss, keyBits, keyBytes, type PublicKey, power, SALT_BYTES, verify } from "../token.ts";

export interface Blinded {
  readonly message: Octets;
  readonly inverse: bigint;
}

/** RFC 9474 `Blind` with a fresh salt and a fresh blind. */
export function blind(key: PublicKey, message: Octets, randomBytes: RandomBytes): Blinded {
  const salt = randomBytes(SALT_BYTES);
  for (;;) {
    const r = toNumber(randomBytes(keyBytes(key)));
    if (r > 1n && r < key.n && inverse(r, key.n) !== null) return blindWith(key, message, salt, r);
  }
}

/** `Blind` with the given salt and blind. */
export function blindWith(key: PublicKey, message: Octets, salt: Octets, r: bigint): Blinded {
  const encoded = toNumber(emsaPss(message, keyBits(key) - 1, salt));
  const back = inverse(r, key.n);
  if (back === null || inverse(encoded, key.n) === null)
    throw new RangeError("shares a factor with the modulus");
  const blinded = (encoded * power(r, key.e, key.n)) % key.n;
  return { message: fromNumber(blinded, keyBytes(key)), inverse: back };
}

/** RFC 9474 `Finalize`: the token, verified. */
export function finalize(key: PublicKey, message: Octets, answer: Octets, blinded: Blinded): Octets {
  const value = toNumber(answer);
  if (answer.length !== keyBytes(key) || value >= key.n) {
    throw new BadSignature("7.4", "answer", "not a blind signature under this key");
  }
  const token = fromNumber((value * blinded.inverse) % key.n, keyBytes(key));
  verify(key, message, token, "7.4", "answer");
  return token;
}

/** 1/a mod n, or null where there is none. */
function inverse(a: bigint, n: bigint): bigint | null {
  let [r0, r1, s0, s1] = [n, a % n, 0n, 1n];
  while (r1 !== 0n) {
    const q = r0 / r1;
    [r0, r1, s0, s1] = [r1, r0 - q * r1, s1, s0 - q * s1];
  }
  return r0 === 1n ? ((s0 % n) + n) % n : null;
}
