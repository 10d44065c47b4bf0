// Shares of the sums with one proof for all of them, and how t shares become an opening (docs/protocol.md
// 12.2-12.4). Twin of shares.py. Danger: the weights depend on every sum and every share, or one wrong share
// could hide in another.

import { sha512 } from "@noble/hashes/sha2.js";

import { type Cosigners, encodeCosigners, readCosigners } from "./agreement.ts";
import type { Fields, JsonObject } from "./canonical.ts";
import { checkDleq, type DleqProof, dleqJson, readDleq } from "./dleq.ts";
import { Inconsistent } from "./errors.ts";
import { Point, Scalar } from "./group.ts";
import { join, type Octets, reversed, toHex, toNumber } from "./octets.ts";
import { verify } from "./signature.ts";
import { challenge, hash64, transcript, u32 } from "./transcript.ts";

export const MAX_SUMS = 10_000_000;
const WEIGHT_BYTES = 16;

/** What a share is bound to: manifest hash M, board root, plan hash P. */
export interface ShareContext {
  readonly manifest: Octets;
  readonly board: Octets;
  readonly plan: Octets;
}

/** A trustee's partial decryptions of all sums (12.2), and whose cosignatures it went by. */
export interface Share {
  readonly trustee: number;
  readonly cosigners: Cosigners;
  readonly points: readonly Point[];
  readonly proof: DleqProof;
  readonly signature: Octets;
}

export function shareJson(share: Share): JsonObject {
  return {
    trustee: share.trustee,
    cosigned: share.cosigners.cosigned,
    absent: share.cosigners.absent,
    points: share.points.map((point) => toHex(point.encode())),
    proof: dleqJson(share.proof),
    signature: toHex(share.signature),
  };
}

/** A message of 12.2; a partial decryption may be O. */
export function readShare(fields: Fields): Share {
  const { check, where } = fields;
  const share = {
    trustee: fields.integer("trustee", 1, 15),
    cosigners: readCosigners(fields),
    points: fields
      .hexes("points", MAX_SUMS, 32)
      .map((raw, s) => Point.decode(raw, check, `${where}.points[${s}]`, true)),
    proof: readDleq(fields.object("proof")),
    signature: fields.hex("signature", 64),
  };
  fields.done();
  return share;
}

/** h of 12.2, 64 bytes. */
export function shareStatement(
  context: ShareContext,
  cosigners: Cosigners,
  trustee: number,
  key: Point,
  bases: readonly Point[],
  points: readonly Point[],
): Octets {
  const [a, d] = [bases, points].map((each) => join(...each.map((point) => point.encode()))) as [
    Octets,
    Octets,
  ];
  const { manifest, board, plan } = context;
  const lists = encodeCosigners(cosigners);
  return hash64("share/statement", manifest, board, plan, ...lists, u32(trustee), key.encode(), a, d);
}

/** Σ ρ_s·points_s with the weights that h gives (12.2). */
export function weighted(h: Octets, points: readonly Point[]): Point {
  const weights = points.map((_, s) => {
    const hashed = sha512(transcript("share/weight", h, u32(s)));
    return new Scalar(toNumber(reversed(hashed.slice(0, WEIGHT_BYTES))));
  });
  return Point.combination(points, weights);
}

/** c of 12.2. */
export function shareChallenge(h: Octets, g: Point, a: Point): Scalar {
  return challenge("share/proof", h, g.encode(), a.encode());
}

/** What the trustee signs (12.2). */
export function shareMessage(h: Octets, proof: DleqProof): Octets {
  return transcript("share", h, proof.g.encode(), proof.a.encode(), proof.response.encode());
}

/** 12.3. `key` is the trustee's verification key, `bases` the first components of the sums. */
export function checkShare(
  share: Share,
  context: ShareContext,
  key: Point,
  signKey: Octets,
  bases: readonly Point[],
  where: string,
): void {
  if (share.points.length !== bases.length)
    throw new Inconsistent("12.3", `${where}.points`, "not one for each sum");
  const h = shareStatement(context, share.cosigners, share.trustee, key, bases, share.points);
  verify(signKey, shareMessage(h, share.proof), share.signature, "12.3", `${where}.signature`);
  const c = shareChallenge(h, share.proof.g, share.proof.a);
  checkDleq(share.proof, c, key, weighted(h, bases), weighted(h, share.points), "12.3", where);
}

/** λ_m = Π j/(j − m) over the other trustees used (12.4). */
export function coefficient(trustee: number, others: readonly number[]): Scalar {
  let [top, bottom] = [1n, 1n];
  for (const j of others) {
    if (j !== trustee) [top, bottom] = [top * BigInt(j), bottom * BigInt(j - trustee)];
  }
  return Scalar.of(top).times(Scalar.of(bottom).inverse());
}

/** Σ λ_m·D_m: x·A from t shares of it, by trustee (12.4). */
export function interpolate(points: ReadonlyMap<number, Point>): Point {
  const trustees = [...points.keys()];
  return Point.combination(
    [...points.values()],
    trustees.map((trustee) => coefficient(trustee, trustees)),
  );
}
