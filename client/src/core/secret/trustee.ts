// DANGER. One trustee at work, with a sheet and the public record (docs/protocol.md §5, §12): holds the seed. A trustee believes
// nothing the server says: it checks all messages of the others, and recomputes root, plan and sums before it opens anything.
// Twin of surveys/committee/trustee.py.

import {
  type Ballot,
  checkProofs,
  checkSignature,
  checkToken,
  checkUnique,
  type CountedBallot,
  decodeBallot,
  decodeCounted,
} from "../ballot.ts";
import { type Ceremony, type Commit, commitJson, type Confirm, type Deal, type ElectionKeys } from "../ceremony.ts";
import {
  checkCommits,
  checkComplete,
  checkConfirm,
  checkDeal,
  checkKeys,
  checkRehearsal,
  checkRound,
  commitOf,
  verificationKey,
} from "../ceremony_checks.ts";
import { encode } from "../canonical.ts";
import { type Certificate, certificateMessage, certificateOf, type Certified } from "../certificate.ts";
import { Checkpoint } from "../checkpoint.ts";
import type { Definition } from "../definition.ts";
import { RefusedByTrustee } from "../errors.ts";
import { type RandomBytes, Scalar } from "../group.ts";
import type { Manifest } from "../manifest.ts";
import { root } from "../merkle.ts";
import { type Octets, order, same, toHex } from "../octets.ts";
import { type Plan, returned } from "../plan.ts";
import { planFor } from "../plans.ts";
import type { Share } from "../shares.ts";
import { ballotsByPanel, sumsOf } from "../tally.ts";
import { Sheet } from "./deal.ts";
import { decryptSums } from "./decrypt.ts";

/** What a trustee gives to the count: its share, and its signature (64 bytes) under the checkpoint. */
export interface Contribution {
  readonly share: Share;
  readonly cosignature: Octets;
}

/** A count that was checked and is not opened yet: what it would open. `smallest` is the size of the smallest group. */
export interface Examined {
  readonly ballots: number;
  readonly checked: number;
  readonly sums: number;
  readonly smallest: number;
  readonly open: () => Contribution;
}

/** What a count is doing: ballots read, ballots whose proofs were checked, sums opened; `done` of `all`. */
export type Progress = (step: "read" | "check" | "open", done: number, all: number) => void;

export interface CountOptions {
  /** So many ballots have token, signature and proofs checked; null checks all of them. */
  readonly proofs: number | null;
  /** Draws which ones: the server must not know it beforehand. */
  readonly randomBytes: RandomBytes;
  readonly onProgress?: Progress;
}

/** The signer's name on a checkpoint: the box's, or a trustee's (10.3, 10.4). */
export function checkpointName(manifest: Manifest, trustee: number | null = null): string {
  const origin = `tin-nhiem/${toHex(manifest.definition.terms.survey)}`;
  return trustee === null ? origin : `${origin}/trustee-${trustee}`;
}

/** Trustee number `trustee` (from 1) with its seed. */
export class Trustee {
  readonly trustee: number;
  readonly #seed: Octets;
  readonly #opened: Map<string, string>;

  /** `opened` remembers which plan was opened of which manifest (hex → hex); a page keeps it beyond a reload. */
  constructor(seed: Octets, trustee: number, opened: Map<string, string> = new Map()) {
    this.trustee = trustee;
    this.#seed = seed.slice();
    this.#opened = opened;
  }

  #sheet(definition: Definition, attempt: number): Sheet {
    return new Sheet(this.#seed, definition, attempt, this.trustee);
  }

  /** First round (5.2); the same message each time. */
  commit(definition: Definition, attempt: number): Commit {
    definition.check();
    return this.#sheet(definition, attempt).commit();
  }

  /** Second round (5.3). Checks all commits and that its own stands among them. */
  deal(definition: Definition, attempt: number, commits: readonly Commit[], randomBytes: RandomBytes): Deal {
    definition.check();
    const sheet = this.#sheet(definition, attempt);
    this.#checkCommits(definition, attempt, commits, sheet);
    return sheet.deal(commits, randomBytes);
  }

  /**
   * Third round (5.6). Checks that all commits and deals are there, its own among them, each deal, its shares, and that the
   * manifest holds this ceremony's key. Were a deal missing, fewer dealers than everybody would know the election key.
   */
  confirm(manifest: Manifest, attempt: number, commits: readonly Commit[], deals: readonly Deal[]): Confirm {
    const definition = manifest.definition;
    definition.check();
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
      throw new RefusedByTrustee("the list of commits holds another commit in its name; is it the right sheet?");
    }
  }

  #checkDeals(manifest: Manifest, attempt: number, commits: readonly Commit[], deals: readonly Deal[]): ElectionKeys {
    checkRound("deals", deals, manifest.definition);
    for (const deal of deals) checkDeal(deal, commits, manifest.definition, attempt);
    return checkKeys({ attempt, commits, deals }, manifest);
  }

  /**
   * Check everything (12.2): `board` is the ballots' bytes in the board's order. What comes back says what would be opened, and
   * opens it. Throws Rejected for what a clause forbids, RefusedByTrustee for a board or plan that is not what it says.
   */
  examine(
    manifest: Manifest,
    ceremony: Ceremony,
    board: readonly Octets[],
    checkpoint: Checkpoint,
    plan: Plan,
    options: CountOptions,
  ): Examined {
    const onProgress = options.onProgress ?? (() => undefined);
    const keys = this.#checkCeremony(manifest, ceremony);
    const checked = drawn(board.length, options);
    const ballots = readBoard(manifest, board, checked, onProgress);
    checkBoard(manifest, board, ballots, checkpoint);
    checkBallots(manifest, ballots, onProgress);
    const byPanel = ballotsByPanel(manifest, ballots);
    if (!same(plan.encode(), planFor(manifest, checkpoint.root, byPanel).encode())) {
      throw new RefusedByTrustee("the plan is not the one that follows from the board");
    }
    plan.checkAtoms(manifest.definition, byPanel);
    this.#remembered(manifest, plan);
    const sums = sumsOf(manifest, ballots, plan);
    const sizes = plan.atoms().map(([, panels]) => returned(byPanel, panels));
    return {
      ballots: board.length,
      checked: checked.size,
      sums: sums.length,
      smallest: sizes.reduce((least, size) => Math.min(least, size), Number.MAX_SAFE_INTEGER),
      open: () => {
        this.#opened.set(toHex(manifest.hash), toHex(plan.digest));
        const sheet = this.#sheet(manifest.definition, ceremony.attempt);
        const share = decryptSums(
          sheet,
          sheet.secretShare(ceremony.commits, ceremony.deals),
          verificationKey(keys, this.trustee),
          { manifest: manifest.hash, board: checkpoint.root, plan: plan.digest },
          sums.map(([alpha]) => alpha),
          (done) => onProgress("open", done, sums.length),
        );
        return { share, cosignature: sheet.sign(checkpoint.body()) };
      },
    };
  }

  /**
   * Examine and open in one go, and cosign the checkpoint (10.4). Nothing is signed where something is wrong, or for a second
   * plan. Running it again gives the same contribution.
   */
  count(
    manifest: Manifest,
    ceremony: Ceremony,
    board: readonly Octets[],
    checkpoint: Checkpoint,
    plan: Plan,
    options: CountOptions,
  ): Contribution {
    return this.examine(manifest, ceremony, board, checkpoint, plan, options).open();
  }

  /** Whether this is the sheet of the trustee's commit in a record. */
  owns(definition: Definition, ceremony: Pick<Ceremony, "attempt" | "commits">): boolean {
    const own = encode(commitJson(this.commit(definition, ceremony.attempt)));
    return ceremony.commits.some((commit) => same(own, encode(commitJson(commit))));
  }

  /** Sign the certificate (13.6) of a count whose plan this trustee has opened, or of one it has no memory of. */
  certify(manifest: Manifest, ceremony: Ceremony, certified: Certified): Certificate {
    const opened = this.#opened.get(toHex(manifest.hash));
    const other = opened !== undefined && opened !== toHex(certified.plan);
    if (other || !same(certified.manifest, manifest.hash)) {
      throw new RefusedByTrustee("the papers belong to another vote or another plan");
    }
    const signed = this.#sheet(manifest.definition, ceremony.attempt).sign(certificateMessage(certified));
    return certificateOf(this.trustee, certified, signed);
  }

  #remembered(manifest: Manifest, plan: Plan): void {
    const before = this.#opened.get(toHex(manifest.hash));
    if (before !== undefined && before !== toHex(plan.digest)) throw new RefusedByTrustee("it has opened another plan of this vote before");
  }

  #checkCeremony(manifest: Manifest, ceremony: Ceremony): ElectionKeys {
    const { definition } = manifest;
    definition.check();
    checkComplete(ceremony, definition);
    const { attempt, commits, deals, confirms } = ceremony;
    this.#checkCommits(definition, attempt, commits, this.#sheet(definition, attempt));
    const keys = this.#checkDeals(manifest, attempt, commits, deals);
    for (const confirm of confirms) checkConfirm(confirm, keys, commitOf(commits, confirm.trustee).signKey, manifest);
    checkRehearsal(confirms, keys, definition.terms.threshold);
    return keys;
  }
}

/** The places of the ballots whose proofs are checked: each set of this size is equally likely. */
function drawn(size: number, options: CountOptions): Set<number> {
  const places = Array.from({ length: size }, (_, i) => i);
  const wanted = Math.min(size, options.proofs ?? size);
  for (let i = 0; i < wanted && wanted < size; i++) {
    const j = i + Number(Scalar.random(options.randomBytes).value % BigInt(size - i));
    [places[i], places[j]] = [places[j] as number, places[i] as number];
  }
  return new Set(places.slice(0, wanted));
}

/** Every ballot for the sums, and whole where its proofs will be checked. */
function readBoard(
  manifest: Manifest,
  board: readonly Octets[],
  checked: ReadonlySet<number>,
  onProgress: Progress,
): (CountedBallot | Ballot)[] {
  return board.map((raw, i) => {
    const ballot = (checked.has(i) ? decodeBallot : decodeCounted)(raw, manifest, `board[${i}]`);
    onProgress("read", i + 1, board.length);
    return ballot;
  });
}

function checkBoard(
  manifest: Manifest,
  board: readonly Octets[],
  ballots: readonly CountedBallot[],
  checkpoint: Checkpoint,
): void {
  const digests = ballots.map((ballot) => ballot.digest);
  if (digests.some((each, i) => i > 0 && order(digests[i - 1] as Octets, each) >= 0)) {
    throw new RefusedByTrustee("the board is not sorted, or holds a ballot twice");
  }
  const extensions = [`manifest ${toHex(manifest.hash)}`];
  const expected = new Checkpoint(checkpointName(manifest), BigInt(board.length), root(board), extensions);
  if (!same(checkpoint.body(), expected.body())) {
    throw new RefusedByTrustee("the checkpoint is not the one of this board");
  }
}

function checkBallots(manifest: Manifest, ballots: readonly (CountedBallot | Ballot)[], onProgress: Progress): void {
  checkUnique(ballots.map((ballot, i) => [`board[${i}]`, ballot] as const));
  ballots.forEach((ballot, i) => {
    if (!("token" in ballot)) return;
    const where = `board[${i}]`;
    checkToken(ballot, manifest, where);
    checkSignature(ballot, where);
    checkProofs(ballot, manifest, where);
    onProgress("check", i + 1, ballots.length);
  });
}
