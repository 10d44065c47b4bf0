// What is known of a bundle while it is being verified: each check leaves what later ones need, or nothing
// where it could not.

import type { Cosignature } from "./agreement.ts";
import type { Attendance, Numbers } from "./attendance.ts";
import type { Question } from "./ballot.ts";
import type { Board, Labour } from "./board.ts";
import type { Bytes } from "./bytes.ts";
import type { Ceremony, Keys } from "./ceremony.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Manifest, Vote } from "./manifest.ts";
import type { Plan } from "./plan.ts";
import type { Entry, Row } from "./results.ts";
import type { Point } from "./ristretto.ts";
import type { Issued, Roll } from "./roll.ts";
import type { Share, Sums, TallyFile } from "./tally.ts";
import type { Member, Members, Source } from "./zip.ts";

/** A check cannot be made, because an earlier one that it needs has failed. */
export class NotReached extends Error {}

/**
 * A value is left by the check whose number stands beside it, once it may be relied on for what is said
 * there.
 */
export interface Known {
  /** 14.1. */
  archive: Members;
  /** 4.1, and 4.2. */
  manifest: Manifest;
  vote: Vote;
  /** 5.1. */
  ceremony: Ceremony;
  /** 5.2: the trustees' signing keys, each shown to be its own. */
  signKeys: readonly Bytes[];
  /** 5.3: what each dealer committed to. */
  points: readonly (readonly Point[])[];
  /** 5.5. */
  keys: Keys;
  /** 6.3, read: one list for each panel. */
  roll: Roll;
  /** 7.1. */
  moduli: readonly bigint[];
  /** 7.5, read: one list for each panel. */
  issuance: readonly (readonly Issued[])[];
  /** 8.2, read: the board could be cut into ballots; and `board` once all of them decode. */
  walked: Board;
  board: Board;
  /** 10.2, read. */
  checkpoint: Checkpoint;
  /** 11.1, read: an entry for each contest, panels that exist. */
  plan: Plan;
  /** 11.3, read. */
  agreement: readonly Cosignature[];
  /** 12.1, read; and the sums as the board gives them. */
  tally: TallyFile;
  sums: Sums;
  /** 12.3: those that are valid. */
  shares: readonly Share[];
  /** 12.4: those that are combined. */
  chosen: readonly Share[];
  /** 12.5, read. */
  counts: readonly (readonly number[])[];
  /** 13.1, read. */
  attendance: Attendance;
  /** What the results must be; `rows` once 13.2 has found them so. */
  entries: readonly Entry[];
  rows: readonly Row[];
  /** 13.4: the hash of the typeset minutes, where they name one. */
  typeset: Bytes;
}

export type Progress = (check: string, done: number, total: number) => void;

export class Case {
  readonly source: Source;
  readonly labour: Labour;
  readonly progress: Progress;
  private readonly _known: Partial<Known> = {};
  private _begun = false;

  constructor(source: Source, labour: Labour, progress: Progress) {
    this.source = source;
    this.labour = labour;
    this.progress = progress;
  }

  /** What an earlier check has found. Throws NotReached. */
  get<N extends keyof Known>(name: N): Known[N] {
    const found = this._known[name];
    if (found === undefined) throw new NotReached(name);
    return found;
  }

  found<N extends keyof Known>(name: N): Known[N] | null {
    return this._known[name] ?? null;
  }

  leave<N extends keyof Known>(name: N, value: Known[N]): Known[N] {
    this._known[name] = value;
    return value;
  }

  read(name: Member): Bytes {
    return this.get("archive").read(name);
  }

  /** The hands know the question before their first slice. */
  async hands(): Promise<Labour> {
    if (!this._begun) await this.labour.begin(this.question());
    this._begun = true;
    return this.labour;
  }

  question(): Question {
    const vote = this.get("vote");
    return {
      hash: vote.hash,
      electionKey: vote.electionKeyBytes,
      levels: vote.rule.levels.length,
      contests: vote.panels.map((panel) => panel.contests),
      moduli: this.found("moduli"),
    };
  }

  numbers(): Numbers {
    return {
      summoned: this.get("vote").panels.map((panel) => panel.voters),
      issued: this.get("issuance").map((records) => records.length),
      returned: this.get("board").byPanel,
    };
  }
}
