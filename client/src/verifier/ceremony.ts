// The key ceremony's record (docs/protocol.md §5): who committed to what, what was dealt, and that the key
// can be used.

import { type Bytes, concat, key, same, u32 } from "./bytes.ts";
import { checkSignature } from "./ed25519.ts";
import { Field } from "./fields.ts";
import { challenge, digest, transcript } from "./hashing.ts";
import { type Json, writeDocument } from "./json.ts";
import type { Vote } from "./manifest.ts";
import { hold } from "./refused.ts";
import {
  encode,
  GENERATOR,
  inverse,
  isEqual,
  isIdentity,
  modulo,
  type Point,
  readPoint,
  readScalar,
  sum,
  weighted,
} from "./ristretto.ts";

interface Commit {
  readonly trustee: number;
  readonly hpkeKey: Bytes;
  readonly signKey: Bytes;
  readonly commitment: Bytes;
  readonly signature: Bytes;
}

/** A point, and the bytes that were hashed and signed. */
interface Written {
  readonly point: Point;
  readonly raw: Bytes;
}

interface Deal {
  readonly trustee: number;
  readonly points: readonly Written[];
  readonly proofs: readonly { readonly commitment: Written; readonly response: bigint }[];
  readonly shares: number;
  readonly signature: Bytes;
  readonly unsigned: Json;
}

interface Confirm {
  readonly trustee: number;
  readonly share: Written;
  readonly g: Written;
  readonly a: Written;
  readonly response: { readonly n: bigint; readonly raw: Bytes };
  readonly signature: Bytes;
}

export interface Ceremony {
  readonly attempt: number;
  readonly commits: readonly Commit[];
  readonly deals: readonly Deal[];
  readonly confirms: readonly Confirm[];
  readonly commitsJson: Json;
  readonly dealsJson: Json;
}

/** Y_m of each trustee. */
export interface Keys {
  readonly verification: readonly Point[];
  readonly verificationBytes: readonly Bytes[];
}

const MOST = 15;

/** 5.1: form of the record; all trustees, each once, in order. */
export function readCeremony(raw: Bytes, vote: Vote): Ceremony {
  const it = Field.document(raw, "ceremony").object("format", "attempt", "commits", "deals", "confirms");
  it.format.is("tin-nhiem/ceremony/2");
  const all = <T extends { readonly trustee: number }>(
    field: Field,
    read: (each: Field) => T,
  ): readonly T[] => {
    const messages = field.list(0, MOST).map(read);
    const complete =
      messages.length === vote.trustees.length && messages.every(({ trustee }, i) => trustee === i + 1);
    hold(complete, field.where, "are not by every trustee once and in order");
    return messages;
  };
  return {
    attempt: it.attempt.integer(1, 2 ** 32 - 1),
    commits: all(it.commits, readCommit),
    deals: all(it.deals, readDeal),
    confirms: all(it.confirms, readConfirm),
    commitsJson: it.commits.value,
    dealsJson: it.deals.value,
  };
}

function readCommit(field: Field): Commit {
  const { trustee, hpke_key, sign_key, commitment, signature } = field.object(
    "trustee",
    "hpke_key",
    "sign_key",
    "commitment",
    "signature",
  );
  return {
    trustee: trustee.integer(1, MOST),
    hpkeKey: hpke_key.hex(32),
    signKey: sign_key.hex(32),
    commitment: commitment.hex(32),
    signature: signature.hex(64),
  };
}

function written(field: Field, orIdentity = false): Written {
  const raw = field.hex(32);
  return { raw, point: readPoint(raw, field.where, orIdentity) };
}

function readDeal(field: Field): Deal {
  const { trustee, points, proofs, shares, signature } = field.object(
    "trustee",
    "points",
    "proofs",
    "shares",
    "signature",
  );
  const sealed = shares.list(0, MOST);
  for (const share of sealed) share.hex(80);
  const { signature: _, ...unsigned } = field.table();
  return {
    trustee: trustee.integer(1, MOST),
    points: points.list(0, MOST - 1).map((each) => written(each)),
    proofs: proofs.list(0, MOST - 1).map((each) => {
      const { commitment, response } = each.object("commitment", "response");
      return { commitment: written(commitment), response: readScalar(response.hex(32), response.where) };
    }),
    shares: sealed.length,
    signature: signature.hex(64),
    unsigned,
  };
}

function readConfirm(field: Field): Confirm {
  const { trustee, share, proof, signature } = field.object("trustee", "share", "proof", "signature");
  const { g, a, response } = proof.object("g", "a", "response");
  const raw = response.hex(32);
  return {
    trustee: trustee.integer(1, MOST),
    share: written(share),
    g: written(g),
    a: written(a, true),
    response: { raw, n: readScalar(raw, response.where) },
    signature: signature.hex(64),
  };
}

/** 5.2: signatures; distinct keys. */
export function checkCommits(vote: Vote, { attempt, commits }: Ceremony): void {
  commits.forEach(({ hpkeKey, signKey, commitment, signature }, i) => {
    const message = transcript(
      "ceremony/commit",
      vote.definition,
      u32(attempt),
      u32(i + 1),
      hpkeKey,
      signKey,
      commitment,
    );
    checkSignature(signKey, message, signature, `ceremony.commits[${i}].signature`);
  });
  for (const keys of [
    commits.map(({ hpkeKey }) => key(hpkeKey)),
    commits.map(({ signKey }) => key(signKey)),
  ]) {
    hold(new Set(keys).size === keys.length, "ceremony.commits", "hold one key of two trustees");
  }
}

function commitsHash(vote: Vote, { attempt, commitsJson }: Ceremony): Bytes {
  return digest("ceremony/commits", vote.definition, u32(attempt), writeDocument(commitsJson));
}

/** 5.3: opened commitments, signatures; t points and n shares. The points of each dealer. */
export function checkDeals(vote: Vote, ceremony: Ceremony): readonly (readonly Point[])[] {
  const k = commitsHash(vote, ceremony);
  return ceremony.deals.map(({ points, proofs, shares, signature, unsigned }, i) => {
    const where = `ceremony.deals[${i}]`;
    const commit = ceremony.commits[i] as Commit;
    hold(
      points.length === vote.threshold && proofs.length === vote.threshold,
      where,
      `has not ${vote.threshold} points and proofs`,
    );
    hold(shares === vote.trustees.length, where, `has not a share for each of ${vote.trustees.length}`);
    const hashed = digest(
      "ceremony/commitment",
      vote.definition,
      u32(ceremony.attempt),
      u32(i + 1),
      concat(...points.map(({ raw }) => raw)),
    );
    hold(same(hashed, commit.commitment), `${where}.points`, "are not those that were committed to");
    checkSignature(
      commit.signKey,
      transcript("ceremony/deal", k, u32(i + 1), writeDocument(unsigned)),
      signature,
      `${where}.signature`,
    );
    return points.map(({ point }) => point);
  });
}

/** 5.4: proofs of possession. */
export function checkPossession(vote: Vote, ceremony: Ceremony): void {
  const k = commitsHash(vote, ceremony);
  ceremony.deals.forEach(({ points, proofs }, i) =>
    proofs.forEach(({ commitment, response }, j) => {
      const { point, raw } = points[j] as Written;
      const c = challenge("ceremony/pop", k, u32(i + 1), u32(j), raw, commitment.raw);
      const rest = sum(weighted([response, GENERATOR], [-c, point], [-1n, commitment.point]));
      hold(isIdentity(rest), `ceremony.deals[${i}].proofs[${j}]`, "does not hold");
    }),
  );
}

/** 5.5: election key and ceremony hash are those of the manifest. */
export function checkKeys(vote: Vote, ceremony: Ceremony, points: readonly (readonly Point[])[]): Keys {
  const electionKey = sum(...points.map((of) => of[0] as Point));
  hold(!isIdentity(electionKey), "ceremony.deals", "add up to a key that is the identity");
  hold(isEqual(electionKey, vote.electionKey), "manifest.election_key", "is not the sum of what was dealt");
  const x = digest(
    "ceremony/transcript",
    vote.definition,
    u32(ceremony.attempt),
    writeDocument(ceremony.commitsJson),
    writeDocument(ceremony.dealsJson),
  );
  hold(same(x, vote.ceremony), "manifest.ceremony", "is the hash of another ceremony");
  const verification = vote.trustees.map((_, m) => {
    const made = weighted(
      ...points.flatMap((of) => of.map((each, j) => [BigInt(m + 1) ** BigInt(j), each] as const)),
    );
    hold(!isIdentity(made), `ceremony.trustee[${m + 1}]`, "has the identity for a key");
    return made;
  });
  return { verification, verificationBytes: verification.map((each) => encode(each)) };
}

/** r of the rehearsal ciphertext, and its α. */
function rehearsal(vote: Vote): { readonly r: bigint; readonly alpha: Point } {
  const r = challenge("ceremony/rehearsal", vote.ceremony);
  return { r, alpha: weighted([r, GENERATOR]) };
}

/** 5.6: confirmations: signatures over X and M, proofs. */
export function checkConfirms(vote: Vote, ceremony: Ceremony, keys: Keys): void {
  const { alpha } = rehearsal(vote);
  ceremony.confirms.forEach(({ share, g, a, response, signature }, i) => {
    const where = `ceremony.confirms[${i}]`;
    const message = transcript(
      "ceremony/confirm",
      vote.ceremony,
      vote.hash,
      u32(i + 1),
      share.raw,
      g.raw,
      a.raw,
      response.raw,
    );
    checkSignature((ceremony.commits[i] as Commit).signKey, message, signature, `${where}.signature`);
    const [verification, z] = [keys.verification[i] as Point, response.n];
    const c = challenge(
      "ceremony/confirm-proof",
      vote.ceremony,
      u32(i + 1),
      keys.verificationBytes[i] as Bytes,
      encode(alpha),
      share.raw,
      g.raw,
      a.raw,
    );
    hold(
      isEqual(weighted([z, GENERATOR], [-c, verification]), g.point),
      `${where}.proof`,
      "does not hold for the trustee's key",
    );
    hold(
      isEqual(weighted([z, alpha], [-c, share.point]), a.point),
      `${where}.proof`,
      "does not hold for the share",
    );
  });
}

/** λ_m of the trustees `of`, at zero (12.4). */
export function lagrange(m: number, of: readonly number[]): bigint {
  let [over, under] = [1n, 1n];
  for (const j of of) {
    if (j === m) continue;
    over = modulo(over * BigInt(j));
    under = modulo(under * BigInt(j - m));
  }
  return modulo(over * inverse(under));
}

/**
 * 5.7: the rehearsal ciphertext opens for every t trustees: for 1 … t, and for 1 … t − 1 with each later one.
 */
export function checkRehearsal(vote: Vote, ceremony: Ceremony): void {
  const { r } = rehearsal(vote);
  const beta = weighted([r, vote.electionKey], [1n, GENERATOR]);
  const shares = ceremony.confirms.map(({ share }) => share.point);
  const t = vote.threshold;
  const first = Array.from({ length: t - 1 }, (_, i) => i + 1);
  for (let last = t; last <= shares.length; last++) {
    const those = [...first, last];
    const opened = weighted(
      [1n, beta],
      ...those.map((m) => [-lagrange(m, those), shares[m - 1] as Point] as const),
    );
    hold(
      isEqual(opened, GENERATOR),
      "ceremony.confirms",
      `do not open the rehearsal for the trustees ${those.join(", ")}`,
    );
  }
}
