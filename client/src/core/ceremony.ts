// The key ceremony as everybody can check it (docs/protocol.md §5): messages, transcript, keys. Twin of
// ceremony.py. Danger: commitments must be in before any deal is shown, or the last dealer chooses the key.

import { encode, type JsonObject } from "./canonical.ts";
import { type DleqProof, dleqJson } from "./dleq.ts";
import { BASE, IDENTITY, type Point, Scalar } from "./group.ts";
import { join, type Octets, toHex } from "./octets.ts";
import { challenge, digest, transcript, u32 } from "./transcript.ts";

export const CEREMONY_FORMAT = "tin-nhiem/ceremony/2";
export const SHARE_BYTES = 80;

/** 5.2. `trustee` counts from 1. */
export interface Commit {
  readonly trustee: number;
  readonly hpkeKey: Octets;
  readonly signKey: Octets;
  readonly commitment: Octets;
  readonly signature: Octets;
}

/** 5.4: R and z. */
export interface PossessionProof {
  readonly commitment: Point;
  readonly response: Scalar;
}

/** 5.3. `shares[m − 1]` is for trustee m, 80 bytes. */
export interface Deal {
  readonly trustee: number;
  readonly points: readonly Point[];
  readonly proofs: readonly PossessionProof[];
  readonly shares: readonly Octets[];
  readonly signature: Octets;
}

/** 5.6: the trustee's share of the rehearsal ciphertext, and its signature over X and M. */
export interface Confirm {
  readonly trustee: number;
  readonly share: Point;
  readonly proof: DleqProof;
  readonly signature: Octets;
}

/** The ceremony record (5.8). */
export interface Ceremony {
  readonly attempt: number;
  readonly commits: readonly Commit[];
  readonly deals: readonly Deal[];
  readonly confirms: readonly Confirm[];
}

/** What the deals make: Y, the verification keys Y_1 … Y_n, and the ceremony hash X (5.5). */
export interface ElectionKeys {
  readonly electionKey: Point;
  readonly verificationKeys: readonly Point[];
  readonly ceremony: Octets;
}

export function commitJson(commit: Commit): JsonObject {
  return {
    trustee: commit.trustee,
    hpke_key: toHex(commit.hpkeKey),
    sign_key: toHex(commit.signKey),
    commitment: toHex(commit.commitment),
    signature: toHex(commit.signature),
  };
}

/** The deal without its signature: what is signed. */
export function unsignedDealJson(deal: Omit<Deal, "signature">): JsonObject {
  return {
    trustee: deal.trustee,
    points: deal.points.map((point) => toHex(point.encode())),
    proofs: deal.proofs.map((proof) => ({
      commitment: toHex(proof.commitment.encode()),
      response: toHex(proof.response.encode()),
    })),
    shares: deal.shares.map(toHex),
  };
}

export function dealJson(deal: Deal): JsonObject {
  return { ...unsignedDealJson(deal), signature: toHex(deal.signature) };
}

export function confirmJson(confirm: Confirm): JsonObject {
  return {
    trustee: confirm.trustee,
    share: toHex(confirm.share.encode()),
    proof: dleqJson(confirm.proof),
    signature: toHex(confirm.signature),
  };
}

/** Canonical bytes of the record. */
export function encodeCeremony(ceremony: Ceremony): Octets {
  return encode({
    format: CEREMONY_FORMAT,
    attempt: ceremony.attempt,
    commits: ceremony.commits.map(commitJson),
    deals: ceremony.deals.map(dealJson),
    confirms: ceremony.confirms.map(confirmJson),
  });
}

/** The hash that a trustee commits to before anybody deals (5.2). */
export function commitment(
  definition: Octets,
  attempt: number,
  trustee: number,
  points: readonly Point[],
): Octets {
  const joined = join(...points.map((point) => point.encode()));
  return digest("ceremony/commitment", definition, u32(attempt), u32(trustee), joined);
}

/** What the signing key signs in the first round (5.2). */
export function commitMessage(
  definition: Octets,
  attempt: number,
  commit: Omit<Commit, "signature">,
): Octets {
  const { trustee, hpkeKey, signKey, commitment: hashed } = commit;
  return transcript("ceremony/commit", definition, u32(attempt), u32(trustee), hpkeKey, signKey, hashed);
}

/** K of 5.2: all commits, in order. */
export function commitsHash(definition: Octets, attempt: number, commits: readonly Commit[]): Octets {
  return digest("ceremony/commits", definition, u32(attempt), encode(commits.map(commitJson)));
}

/** What the signing key signs in the second round (5.3). */
export function dealMessage(commits: Octets, deal: Omit<Deal, "signature">): Octets {
  return transcript("ceremony/deal", commits, u32(deal.trustee), encode(unsignedDealJson(deal)));
}

/** The HPKE info of an encrypted share (5.3). */
export function shareInfo(commits: Octets, dealer: number, receiver: number): Octets {
  return transcript("ceremony/share", commits, u32(dealer), u32(receiver));
}

/** Fields of the proof of possession of coefficient j, before its commitment (5.4). */
export function possessionStatement(commits: Octets, trustee: number, j: number, point: Point): Octets[] {
  return [commits, u32(trustee), u32(j), point.encode()];
}

/** c of 5.4. */
export function possessionChallenge(statement: readonly Octets[], proofCommitment: Point): Scalar {
  return challenge("ceremony/pop", ...statement, proofCommitment.encode());
}

/** Σ_j m^j·C_j: what receiver m's share of this deal must be the logarithm of (5.5). */
export function publicShare(points: readonly Point[], receiver: number): Point {
  const at = Scalar.of(BigInt(receiver));
  return points.reduceRight((total, point) => total.timesPublic(at).plus(point), IDENTITY);
}

/** Y, every Y_m and X from deals that have been checked (5.5). */
export function electionKeys(
  definition: Octets,
  attempt: number,
  commits: readonly Commit[],
  deals: readonly Deal[],
): ElectionKeys {
  const most = Math.max(0, ...deals.map((deal) => deal.points.length));
  // Y_m = Σ_j m^j·(Σ_i C_{i,j}): the dealers' points are added up first.
  const together = Array.from({ length: most }, (_, j) =>
    deals.reduce((total, deal) => total.plus(deal.points[j] ?? IDENTITY), IDENTITY),
  );
  return {
    electionKey: together[0] ?? IDENTITY,
    verificationKeys: commits.map((_, i) => publicShare(together, i + 1)),
    ceremony: digest(
      "ceremony/transcript",
      definition,
      u32(attempt),
      encode(commits.map(commitJson)),
      encode(deals.map(dealJson)),
    ),
  };
}

/** The public test ciphertext of 1·G (5.6). */
export function rehearsalCiphertext(ceremony: Octets, electionKey: Point): readonly [Point, Point] {
  const r = challenge("ceremony/rehearsal", ceremony);
  return [BASE.timesPublic(r), electionKey.timesPublic(r).plus(BASE)];
}

/** Fields of the rehearsal proof, before its commitments (5.6). */
export function confirmStatement(
  ceremony: Octets,
  trustee: number,
  key: Point,
  base: Point,
  share: Point,
): Octets[] {
  return [ceremony, u32(trustee), key.encode(), base.encode(), share.encode()];
}

/** c of 5.6. */
export function confirmChallenge(statement: readonly Octets[], g: Point, a: Point): Scalar {
  return challenge("ceremony/confirm-proof", ...statement, g.encode(), a.encode());
}

/** What the signing key signs in the third round: this ceremony, this manifest (5.6). */
export function confirmMessage(
  ceremony: Octets,
  manifest: Octets,
  confirm: Omit<Confirm, "signature">,
): Octets {
  const { g, a, response } = confirm.proof;
  const encoded = [confirm.share.encode(), g.encode(), a.encode(), response.encode()];
  return transcript("ceremony/confirm", ceremony, manifest, u32(confirm.trustee), ...encoded);
}
