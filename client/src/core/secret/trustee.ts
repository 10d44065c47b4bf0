// DANGER. One trustee at work, with a sheet and the public record (docs/protocol.md §5, §12): holds the
// seed. A trustee believes nothing the server says: it checks all messages of the others, cosigns only a
// board that was checked whole, opens only what enough members have cosigned, and certifies only papers
// that were made again on this device. Twin of surveys/committee/trustee.py.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";

import {
  type Cosignature,
  type Cosigners,
  checkCosignature,
  cosignersOf,
  cosignMessage,
  lookUpLeft,
} from "../agreement.ts";
import { encode } from "../canonical.ts";
import {
  type Ceremony,
  type Commit,
  type Confirm,
  commitJson,
  type Deal,
  type ElectionKeys,
  electionKeys,
} from "../ceremony.ts";
import {
  checkCommits,
  checkDeal,
  checkKeys,
  checkRound,
  commitOf,
  verificationKey,
} from "../ceremony_checks.ts";
import { certificateMessage } from "../certificate.ts";
import { checkDefinition, type Definition } from "../definition.ts";
import { LookUpTime, RefusedByTrustee, TooFewCosigned } from "../errors.ts";
import type { Examined, ExaminedPapers } from "../examined.ts";
import { Point, type RandomBytes } from "../group.ts";
import type { Manifest } from "../manifest.ts";
import { type Octets, same, toHex } from "../octets.ts";
import type { Share } from "../shares.ts";
import { transcript, u32 } from "../transcript.ts";
import { Sheet } from "./deal.ts";
import { decryptSums } from "./decrypt.ts";

/**
 * What a trustee says once it has checked everything: its cosignature (11.3), and its signature under the
 * checkpoint (10.4).
 */
export interface Cosigning {
  readonly cosignature: Cosignature;
  readonly checkpoint: Octets;
}

export interface Opening {
  /** The members whom this one has tried to reach and names absent. */
  readonly absent: readonly number[];
  readonly now: string;
  /** When this client first saw this board. */
  readonly since: string;
  readonly onOpened?: (done: number, all: number) => void;
}

/** Trustee number `trustee` (from 1) with its seed. */
export class Trustee {
  readonly trustee: number;
  readonly #seed: Octets;
  readonly #agreed: Map<string, string>;

  /**
   * `agreed` remembers what was cosigned (A) under which manifest (hex → hex); a page keeps it beyond a
   * reload.
   */
  constructor(seed: Octets, trustee: number, agreed: Map<string, string> = new Map()) {
    this.trustee = trustee;
    this.#seed = seed.slice();
    this.#agreed = agreed;
  }

  /** What this member's browser seals its memory of checked slices with (11.3). */
  memoryKey(manifest: Octets): Octets {
    return hkdf(
      sha512,
      this.#seed,
      undefined,
      transcript("trustee/checked", manifest, u32(this.trustee)),
      32,
    );
  }

  #sheet(definition: Definition, attempt: number): Sheet {
    return new Sheet(this.#seed, definition, attempt, this.trustee);
  }

  /** First round (5.2); the same message each time. */
  commit(definition: Definition, attempt: number): Commit {
    checkDefinition(definition);
    return this.#sheet(definition, attempt).commit();
  }

  /** Second round (5.3). Checks all commits and that its own stands among them. */
  deal(definition: Definition, attempt: number, commits: readonly Commit[], randomBytes: RandomBytes): Deal {
    checkDefinition(definition);
    const sheet = this.#sheet(definition, attempt);
    this.#checkCommits(definition, attempt, commits, sheet);
    return sheet.deal(commits, randomBytes);
  }

  /**
   * Third round (5.6). Checks that all commits and deals are there, its own among them, each deal, its
   * shares, and that the manifest holds this ceremony's key. Were a deal missing, fewer dealers than
   * everybody would know the election key.
   */
  confirm(manifest: Manifest, attempt: number, commits: readonly Commit[], deals: readonly Deal[]): Confirm {
    const definition = manifest.definition;
    checkDefinition(definition);
    const sheet = this.#sheet(definition, attempt);
    this.#checkCommits(definition, attempt, commits, sheet);
    const keys = this.#checkDeals(manifest, attempt, commits, deals);
    return sheet.confirm(commits, deals, keys, manifest);
  }

  #checkCommits(definition: Definition, attempt: number, commits: readonly Commit[], sheet: Sheet): void {
    checkRound("commits", commits, definition);
    checkCommits(commits, definition.digest, attempt);
    const own = encode(commitJson(sheet.commit()));
    if (!same(own, encode(commitJson(commitOf(commits, this.trustee))))) {
      throw new RefusedByTrustee(
        "the list of commits holds another commit in its name; is it the right sheet?",
      );
    }
  }

  #checkDeals(
    manifest: Manifest,
    attempt: number,
    commits: readonly Commit[],
    deals: readonly Deal[],
  ): ElectionKeys {
    checkRound("deals", deals, manifest.definition);
    for (const deal of deals) checkDeal(deal, commits, manifest.definition, attempt);
    return checkKeys({ attempt, commits, deals }, manifest);
  }

  /**
   * Agree to a board and plan that this client has checked whole (11.3); `at` is now. Remembers it. Throws
   * RefusedByTrustee.
   */
  cosign(examined: Examined, at: string): Cosigning {
    const sheet = this.#ownSheet(examined.manifest, examined.ceremony);
    this.#refuseAnother(examined.manifest, examined.agreed);
    this.#agreed.set(toHex(examined.manifest.hash), toHex(examined.agreed));
    const signature = sheet.sign(cosignMessage(examined.agreed, this.trustee, at));
    return {
      cosignature: { trustee: this.trustee, at, signature },
      checkpoint: sheet.sign(examined.checkpoint.body()),
    };
  }

  /**
   * Open the sums of a board that enough members have cosigned (12.2). Throws Rejected for a cosignature
   * that does not hold, TooFewCosigned, LookUpTime, or what `cosign` throws; nothing is opened then.
   */
  open(examined: Examined, cosignatures: readonly Cosignature[], opening: Opening): Share {
    const { manifest, ceremony, agreed } = examined;
    const sheet = this.#ownSheet(manifest, ceremony);
    this.#refuseAnother(manifest, agreed);
    const cosigners = this.#cosigners(examined, cosignatures, opening.absent);
    const { lookUp, threshold } = manifest.definition.terms;
    const ats = cosignatures.map((each) => each.at);
    const left = lookUpLeft(lookUp, threshold, ats, opening.now, opening.since);
    if (left > 0) throw new LookUpTime(left);
    const keys = electionKeys(manifest.definition.digest, ceremony.attempt, ceremony.commits, ceremony.deals);
    const bases = examined.bases.map((raw, s) => Point.decode(raw, "12.1", `sums[${s}]`, true));
    return decryptSums(
      sheet,
      sheet.secretShare(ceremony.commits, ceremony.deals),
      verificationKey(keys, this.trustee),
      { manifest: manifest.hash, board: examined.checkpoint.root, plan: examined.plan },
      cosigners,
      bases,
      (done) => opening.onOpened?.(done, bases.length),
    );
  }

  /** Whom an opening goes by, once every cosignature holds. */
  #cosigners(
    { manifest, ceremony, agreed }: Examined,
    cosignatures: readonly Cosignature[],
    absent: readonly number[],
  ): Cosigners {
    const { trustees, threshold } = manifest.definition.terms;
    for (const each of cosignatures) {
      if (each.trustee > trustees.length) throw new RefusedByTrustee(`there is no member ${each.trustee}`);
      const { signKey } = commitOf(ceremony.commits, each.trustee);
      checkCosignature(each, agreed, signKey, `agreement.cosignatures[${each.trustee}]`);
    }
    const cosigned = [...new Set(cosignatures.map((each) => each.trustee))].sort((a, b) => a - b);
    if (!cosigned.includes(this.trustee)) throw new RefusedByTrustee("it has not cosigned this board yet");
    const others = trustees.map((_, i) => i + 1).filter((m) => !cosigned.includes(m));
    if (cosigned.length < threshold) throw new TooFewCosigned(others);
    const cosigners = cosignersOf(cosigned, trustees.length, threshold);
    const unnamed = cosigners.absent.filter((m) => !absent.includes(m));
    if (unnamed.length > 0) throw new TooFewCosigned(unnamed);
    return cosigners;
  }

  /** Whether this is the sheet of the trustee's commit in a record. */
  owns(definition: Definition, ceremony: Pick<Ceremony, "attempt" | "commits">): boolean {
    const own = encode(commitJson(this.commit(definition, ceremony.attempt)));
    return ceremony.commits.some((commit) => same(own, encode(commitJson(commit))));
  }

  /**
   * Sign papers that this client has made again itself (13.6), 64 bytes; `pdf` is the hash of the typeset
   * minutes that its member can see. Throws RefusedByTrustee for another vote, another board than it
   * cosigned, or a file that the minutes do not name.
   */
  certify(examined: ExaminedPapers, pdf: Octets | null): Octets {
    const { typeset } = examined;
    if (pdf === null || typeset === null ? pdf !== typeset : !same(pdf, typeset)) {
      throw new RefusedByTrustee("the typeset minutes are not the ones that the minutes name");
    }
    const sheet = this.#ownSheet(examined.manifest, examined.ceremony);
    this.#refuseAnother(examined.manifest, examined.agreed);
    return sheet.sign(certificateMessage(examined.certified));
  }

  #refuseAnother(manifest: Manifest, agreed: Octets): void {
    const before = this.#agreed.get(toHex(manifest.hash));
    if (before !== undefined && before !== toHex(agreed)) {
      throw new RefusedByTrustee("it has cosigned another board or plan of this vote before");
    }
  }

  /**
   * The sheet, once it is shown that its own commit stands in a ceremony that was checked, and every deal
   * holds.
   */
  #ownSheet(manifest: Manifest, ceremony: Ceremony): Sheet {
    const { attempt, commits, deals } = ceremony;
    const sheet = this.#sheet(manifest.definition, attempt);
    this.#checkCommits(manifest.definition, attempt, commits, sheet);
    this.#checkDeals(manifest, attempt, commits, deals);
    return sheet;
  }
}
