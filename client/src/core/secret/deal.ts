// DANGER. A trustee's secrets in the key ceremony (docs/protocol.md §5): all of them follow from one seed,
// which is on the trustee's sheet and nowhere else. A reload or another device loses nothing. Twin of
// surveys/protocol/secret/deal.py.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";

import {
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
  type PossessionProof,
  possessionChallenge,
  possessionStatement,
  publicShare,
  rehearsalCiphertext,
  shareInfo,
} from "../ceremony.ts";
import { verificationKey } from "../ceremony_checks.ts";
import type { Definition } from "../definition.ts";
import { BadProof } from "../errors.ts";
import { baseMultiply, type Point, type RandomBytes, Scalar } from "../group.ts";
import type { Manifest } from "../manifest.ts";
import type { Octets } from "../octets.ts";
import { publicKey, sign } from "../signature.ts";
import { transcript, u32 } from "../transcript.ts";
import { hpkePublicKey, open, seal } from "./hpke.ts";

export const SEED_BYTES = 32;
const ZERO = new Scalar(0n);

/** One trustee's secrets in one attempt of one ceremony, derived from the seed (5.1). */
export class Sheet {
  readonly attempt: number;
  readonly trustee: number;
  readonly #seed: Octets;
  readonly #definition: Definition;
  readonly #context: readonly Octets[];

  constructor(seed: Octets, definition: Definition, attempt: number, trustee: number) {
    const standing = Number.isInteger(trustee) && trustee >= 1 && trustee <= definition.terms.trustees.length;
    if (seed.length !== SEED_BYTES || !standing) {
      throw new RangeError("a seed has 32 bytes and a trustee stands in the definition");
    }
    this.attempt = attempt;
    this.trustee = trustee;
    this.#seed = seed.slice();
    this.#definition = definition;
    this.#context = [definition.digest, u32(attempt), u32(trustee)];
  }

  #derive(length: number, label: string, ...fields: readonly Octets[]): Octets {
    return hkdf(sha512, this.#seed, undefined, transcript(label, ...fields), length);
  }

  #nonce(label: string, ...fields: readonly Octets[]): Scalar {
    return Scalar.reduce(this.#derive(64, "trustee/nonce", transcript(label, ...fields)));
  }

  get #hpkeKey(): Octets {
    return this.#derive(32, "trustee/hpke", ...this.#context);
  }

  get #signKey(): Octets {
    return this.#derive(32, "trustee/sign", ...this.#context);
  }

  /** A signature by the trustee's signing key, 64 bytes. */
  sign(message: Octets): Octets {
    return sign(this.#signKey, message);
  }

  #coefficients(): Scalar[] {
    return Array.from({ length: this.#definition.terms.threshold }, (_, j) =>
      Scalar.reduce(this.#derive(64, "trustee/coefficient", ...this.#context, u32(j))),
    );
  }

  /** The first message (5.2); the same each time. */
  commit(): Commit {
    const points = this.#coefficients().map(baseMultiply);
    const unsigned = {
      trustee: this.trustee,
      hpkeKey: hpkePublicKey(this.#hpkeKey),
      signKey: publicKey(this.#signKey),
      commitment: commitment(this.#definition.digest, this.attempt, this.trustee, points),
    };
    return {
      ...unsigned,
      signature: this.sign(commitMessage(this.#definition.digest, this.attempt, unsigned)),
    };
  }

  /** The second message (5.3), once all commits are in and checked. Encrypted shares differ each time. */
  deal(commits: readonly Commit[], randomBytes: RandomBytes): Deal {
    const hashed = commitsHash(this.#definition.digest, this.attempt, commits);
    const coefficients = this.#coefficients();
    const points = coefficients.map(baseMultiply);
    const unsigned = {
      trustee: this.trustee,
      points,
      proofs: coefficients.map((a, j) => this.#possession(hashed, j, a, points[j] as Point)),
      shares: commits.map((commit) => {
        const info = shareInfo(hashed, this.trustee, commit.trustee);
        return seal(commit.hpkeKey, info, evaluate(coefficients, commit.trustee).encode(), randomBytes);
      }),
    };
    return { ...unsigned, signature: this.sign(dealMessage(hashed, unsigned)) };
  }

  #possession(commits: Octets, j: number, a: Scalar, point: Point): PossessionProof {
    const statement = possessionStatement(commits, this.trustee, j, point);
    const w = this.#nonce("ceremony/pop", ...statement);
    const r = baseMultiply(w);
    return { commitment: r, response: w.plus(possessionChallenge(statement, r).times(a)) };
  }

  /** x_m from everybody's deals (5.5). A refusal, check "5.5", names the dealer whose share is wrong. */
  secretShare(commits: readonly Commit[], deals: readonly Deal[]): Scalar {
    const hashed = commitsHash(this.#definition.digest, this.attempt, commits);
    return deals.reduce((total, deal) => total.plus(this.#shareOf(deal, hashed)), ZERO);
  }

  #shareOf(deal: Deal, commits: Octets): Scalar {
    const where = `deals[${deal.trustee - 1}].shares[${this.trustee - 1}]`;
    const sealed = deal.shares[this.trustee - 1];
    if (sealed === undefined) throw new RangeError("the deal has no share for this trustee");
    const raw = open(this.#hpkeKey, shareInfo(commits, deal.trustee, this.trustee), sealed, "5.5", where);
    const share = Scalar.decode(raw, "5.5", where);
    if (!baseMultiply(share).equals(publicShare(deal.points, this.trustee))) {
      throw new BadProof("5.5", where, "the share does not fit the dealer's commitments");
    }
    return share;
  }

  /**
   * The third message: the rehearsal share, and this manifest signed (5.6). Refuses as `secretShare` does.
   */
  confirm(
    commits: readonly Commit[],
    deals: readonly Deal[],
    keys: ElectionKeys,
    manifest: Manifest,
  ): Confirm {
    const x = this.secretShare(commits, deals);
    const [alpha] = rehearsalCiphertext(keys.ceremony, keys.electionKey);
    const share = alpha.times(x);
    const key = verificationKey(keys, this.trustee);
    const statement = confirmStatement(keys.ceremony, this.trustee, key, alpha, share);
    const w = this.#nonce("ceremony/confirm-proof", ...statement);
    const [g, a] = [baseMultiply(w), alpha.times(w)];
    const proof = { g, a, response: w.plus(confirmChallenge(statement, g, a).times(x)) };
    const unsigned = { trustee: this.trustee, share, proof };
    return { ...unsigned, signature: this.sign(confirmMessage(keys.ceremony, manifest.hash, unsigned)) };
  }

  /** The nonce of the proof over all sums (12.2). */
  shareNonce(h: Octets): Scalar {
    return this.#nonce("share/proof", h);
  }
}

function evaluate(coefficients: readonly Scalar[], at: number): Scalar {
  const x = Scalar.of(BigInt(at));
  return coefficients.reduceRight((total, a) => total.times(x).plus(a), ZERO);
}
