// Reading and checking a ceremony (docs/protocol.md 5.1-5.7), message by message or as a record. Twin of
// ceremony_checks.py. Danger: checks are ordered; a later one takes for granted what the earlier ones have
// shown.

import { decode, Fields } from "./canonical.ts";
import {
  CEREMONY_FORMAT,
  type Ceremony,
  type Commit,
  type Confirm,
  commitMessage,
  commitment,
  commitsHash,
  confirmChallenge,
  confirmMessage,
  confirmStatement,
  type Deal,
  dealMessage,
  type ElectionKeys,
  electionKeys,
  type PossessionProof,
  possessionChallenge,
  possessionStatement,
  rehearsalCiphertext,
  SHARE_BYTES,
} from "./ceremony.ts";
import type { Definition } from "./definition.ts";
import { answers, checkDleq, readDleq } from "./dleq.ts";
import { BadProof, Duplicate, Inconsistent, Missing } from "./errors.ts";
import { BASE, Point, Scalar } from "./group.ts";
import { format, type Manifest } from "./manifest.ts";
import { type Octets, same } from "./octets.ts";
import { interpolate } from "./shares.ts";
import { verify } from "./signature.ts";

/** A message of 5.2. */
export function readCommit(fields: Fields): Commit {
  const commit = {
    trustee: fields.integer("trustee", 1, 15),
    hpkeKey: fields.hex("hpke_key", 32),
    signKey: fields.hex("sign_key", 32),
    commitment: fields.hex("commitment", 32),
    signature: fields.hex("signature", 64),
  };
  fields.done();
  return commit;
}

/** A message of 5.3; no point may be O. */
export function readDeal(fields: Fields): Deal {
  const { check, where } = fields;
  const deal = {
    trustee: fields.integer("trustee", 1, 15),
    points: fields.hexes("points", 14, 32).map((raw, j) => Point.decode(raw, check, `${where}.points[${j}]`)),
    proofs: fields.objects("proofs", 14).map(readPossession),
    shares: fields.hexes("shares", 15, SHARE_BYTES),
    signature: fields.hex("signature", 64),
  };
  fields.done();
  return deal;
}

function readPossession(fields: Fields): PossessionProof {
  const { check, where } = fields;
  const proof = {
    commitment: Point.decode(fields.hex("commitment", 32), check, `${where}.commitment`),
    response: Scalar.decode(fields.hex("response", 32), check, `${where}.response`),
  };
  fields.done();
  return proof;
}

/** A message of 5.6. */
export function readConfirm(fields: Fields): Confirm {
  const confirm = {
    trustee: fields.integer("trustee", 1, 15),
    share: Point.decode(fields.hex("share", 32), fields.check, `${fields.where}.share`),
    proof: readDleq(fields.object("proof")),
    signature: fields.hex("signature", 64),
  };
  fields.done();
  return confirm;
}

/** A record, strictly (5.8). */
export function decodeCeremony(raw: Octets): Ceremony {
  const fields = new Fields(decode(raw, "5.1", "ceremony"), "5.1", "ceremony");
  format(fields, CEREMONY_FORMAT);
  const ceremony = {
    attempt: fields.integer("attempt", 1, 2 ** 32 - 1),
    commits: fields.objects("commits", 15).map(readCommit),
    deals: fields.objects("deals", 15).map(readDeal),
    confirms: fields.objects("confirms", 15).map(readConfirm),
  };
  fields.done();
  return ceremony;
}

/** 5.1: each trustee once, in order, in one round. */
export function checkRound(
  name: string,
  messages: readonly { readonly trustee: number }[],
  definition: Definition,
): void {
  const n = definition.terms.trustees.length;
  if (messages.length !== n || messages.some((message, i) => message.trustee !== i + 1)) {
    throw new Missing("5.1", `ceremony.${name}`, "not every trustee once and in order");
  }
}

/** 5.1: each trustee once, in order, in every round. */
export function checkComplete(ceremony: Ceremony, definition: Definition): void {
  checkRound("commits", ceremony.commits, definition);
  checkRound("deals", ceremony.deals, definition);
  checkRound("confirms", ceremony.confirms, definition);
}

/** 5.2: the signature. */
export function checkCommit(commit: Commit, definition: Octets, attempt: number): void {
  const where = `commits[${commit.trustee - 1}].signature`;
  verify(commit.signKey, commitMessage(definition, attempt, commit), commit.signature, "5.2", where);
}

/** 5.2: every signature, and distinct keys. */
export function checkCommits(commits: readonly Commit[], definition: Octets, attempt: number): void {
  for (const commit of commits) checkCommit(commit, definition, attempt);
  commits.forEach((a, i) => {
    for (const b of commits.slice(i + 1)) {
      if (same(a.signKey, b.signKey) || same(a.hpkeKey, b.hpkeKey)) {
        throw new Duplicate("5.2", `commits[${b.trustee - 1}]`, `has a key of trustee ${a.trustee}`);
      }
    }
  });
}

/** The commit of the trustee who sent a message of a later round. */
export function commitOf(commits: readonly Commit[], trustee: number): Commit {
  const commit = commits[trustee - 1];
  if (commit === undefined) throw new RangeError(`there is no commit of trustee ${trustee}`);
  return commit;
}

/** 5.3 and 5.4: the commitment opens, the sizes are right, signature and proofs hold. Names the dealer. */
export function checkDeal(
  deal: Deal,
  commits: readonly Commit[],
  definition: Definition,
  attempt: number,
): void {
  const where = `deals[${deal.trustee - 1}]`;
  const { threshold, trustees } = definition.terms;
  const sizes = [deal.points.length, deal.proofs.length, deal.shares.length];
  if (sizes[0] !== threshold || sizes[1] !== threshold || sizes[2] !== trustees.length) {
    throw new Inconsistent("5.3", where, `not ${threshold} points and ${trustees.length} shares`);
  }
  const commit = commitOf(commits, deal.trustee);
  if (!same(commitment(definition.digest, attempt, deal.trustee, deal.points), commit.commitment)) {
    throw new Inconsistent("5.3", `${where}.points`, "not what the trustee committed to");
  }
  const hashed = commitsHash(definition.digest, attempt, commits);
  verify(commit.signKey, dealMessage(hashed, deal), deal.signature, "5.3", `${where}.signature`);
  checkPossession(deal, hashed);
}

/** 5.4: the dealer knows every coefficient. */
export function checkPossession(deal: Deal, commits: Octets): void {
  deal.points.forEach((point, j) => {
    const proof = deal.proofs[j] as PossessionProof;
    const c = possessionChallenge(possessionStatement(commits, deal.trustee, j, point), proof.commitment);
    if (!answers(proof.response, BASE, proof.commitment, c, point)) {
      const where = `deals[${deal.trustee - 1}].proofs[${j}]`;
      throw new BadProof("5.4", where, "the dealer does not show to know this coefficient");
    }
  });
}

/** 5.5: election key and ceremony hash follow from the deals. */
export function checkKeys(ceremony: Omit<Ceremony, "confirms">, manifest: Manifest): ElectionKeys {
  const keys = electionKeys(manifest.definition.digest, ceremony.attempt, ceremony.commits, ceremony.deals);
  if (keys.electionKey.isIdentity || keys.verificationKeys.some((key) => key.isIdentity)) {
    throw new Inconsistent("5.5", "ceremony.deals", "a key is the identity");
  }
  if (!keys.electionKey.equals(manifest.electionKey)) {
    throw new Inconsistent("5.5", "manifest.election_key", "not the key of this ceremony");
  }
  if (!same(keys.ceremony, manifest.ceremony)) {
    throw new Inconsistent("5.5", "manifest.ceremony", "not the hash of this ceremony");
  }
  return keys;
}

/** Y_m of a trustee. */
export function verificationKey(keys: ElectionKeys, trustee: number): Point {
  const key = keys.verificationKeys[trustee - 1];
  if (key === undefined) throw new RangeError(`there is no trustee ${trustee}`);
  return key;
}

/** 5.6: the trustee signed this manifest, and its rehearsal share is right. */
export function checkConfirm(
  confirm: Confirm,
  keys: ElectionKeys,
  signKey: Octets,
  manifest: Manifest,
): void {
  const where = `confirms[${confirm.trustee - 1}]`;
  const message = confirmMessage(keys.ceremony, manifest.hash, confirm);
  verify(signKey, message, confirm.signature, "5.6", `${where}.signature`);
  const [alpha] = rehearsalCiphertext(keys.ceremony, keys.electionKey);
  const key = verificationKey(keys, confirm.trustee);
  const statement = confirmStatement(keys.ceremony, confirm.trustee, key, alpha, confirm.share);
  const c = confirmChallenge(statement, confirm.proof.g, confirm.proof.a);
  checkDleq(confirm.proof, c, key, alpha, confirm.share, "5.6", where);
}

/** 5.7: any t shares open the rehearsal ciphertext to 1·G. Names the trustee with whom it fails. */
export function checkRehearsal(confirms: readonly Confirm[], keys: ElectionKeys, threshold: number): void {
  const [, beta] = rehearsalCiphertext(keys.ceremony, keys.electionKey);
  const shares = new Map(confirms.map((confirm) => [confirm.trustee, confirm.share]));
  const order = [...shares.keys()].sort((a, b) => a - b);
  for (const m of order.slice(threshold - 1)) {
    const chosen = [...order.slice(0, threshold - 1), m];
    const points = new Map(chosen.map((i) => [i, shares.get(i) as Point]));
    if (!beta.minus(interpolate(points)).equals(BASE)) {
      throw new Inconsistent("5.7", `confirms[${m - 1}]`, "the rehearsal decryption fails with this trustee");
    }
  }
}
