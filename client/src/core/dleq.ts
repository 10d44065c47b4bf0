// Equal logarithms: log_G Y = log_A D without telling the logarithm (docs/protocol.md 5.6, 12.3). Twin of
// dleq.py.

import type { Fields, JsonObject } from "./canonical.ts";
import { BadProof } from "./errors.ts";
import { BASE, Point, Scalar } from "./group.ts";
import { toHex } from "./octets.ts";

const MINUS_ONE = Scalar.of(-1n);

/** Commitments K1 = wG and K2 = wA, response z = w + cx. */
export interface DleqProof {
  readonly g: Point;
  readonly a: Point;
  readonly response: Scalar;
}

export function dleqJson(proof: DleqProof): JsonObject {
  return { g: toHex(proof.g.encode()), a: toHex(proof.a.encode()), response: toHex(proof.response.encode()) };
}

/** {"g", "a", "response"}; the identity is allowed in `a` (its base may be the identity). */
export function readDleq(fields: Fields): DleqProof {
  const { check, where } = fields;
  const proof = {
    g: Point.decode(fields.hex("g", 32), check, `${where}.g`),
    a: Point.decode(fields.hex("a", 32), check, `${where}.a`, true),
    response: Scalar.decode(fields.hex("response", 32), check, `${where}.response`),
  };
  fields.done();
  return proof;
}

/** Whether response·base = commitment + c·key; all of it is public. */
export function answers(response: Scalar, base: Point, commitment: Point, c: Scalar, key: Point): boolean {
  return Point.combination([base, commitment, key], [response, MINUS_ONE, MINUS_ONE.times(c)]).isIdentity;
}

/** zG = K1 + cY and zA = K2 + cD. */
export function checkDleq(
  proof: DleqProof,
  c: Scalar,
  key: Point,
  base: Point,
  share: Point,
  check: string,
  where: string,
): void {
  if (!answers(proof.response, BASE, proof.g, c, key)) {
    throw new BadProof(check, `${where}.proof`, "the share is not by the holder of this key");
  }
  if (!answers(proof.response, base, proof.a, c, share)) {
    throw new BadProof(check, `${where}.proof`, "the share is not this key's share of this sum");
  }
}
