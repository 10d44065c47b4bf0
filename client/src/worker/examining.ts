// What a member's client checks before it signs: everything, on every ballot, on what the server gave
// (docs/protocol.md 11.3, 13.6). Danger: what comes back is the only thing that core/secret/trustee.ts
// signs from. The checks are those of the verifier's own code.

import { agreementHash } from "../core/agreement.ts";
import { decodeCeremony } from "../core/ceremony_checks.ts";
import { decodeCheckpoint } from "../core/checkpoint.ts";
import type { Examined, ExaminedPapers } from "../core/examined.ts";
import { decodeManifest } from "../core/manifest.ts";
import { type Octets, same } from "../core/octets.ts";
import type { Case } from "../verifier/case.ts";
import { begin, check, HeldMembers, type Options } from "../verifier/examine.ts";
import { sha256 } from "../verifier/hashing.ts";
import { type Sheet, sheetOf } from "../verifier/sheet.ts";
import { sumsOf } from "../verifier/tally.ts";
import type { Member } from "../verifier/zip.ts";

export const BOARD = [
  "manifest.json",
  "ceremony.json",
  "roll.json",
  "issuance.json",
  "board.bin",
  "checkpoint.txt",
  "plan.json",
] as const;
export const PAPERS = [
  "agreement.json",
  "tally.json",
  "attendance.json",
  "results.json",
  "minutes.json",
  "minutes.txt",
] as const;
const [LAST_OF_BOARD, LAST_OF_PAPERS] = ["11.2", "13.5"] as const;

export type Given = Readonly<Partial<Record<Member, Octets>>>;

/** One count under examination: the board first, the papers when they are there. */
export class Examination {
  readonly #members = new HeldMembers();
  readonly #on: Case;
  #board: Examined | null = null;

  constructor(options: Options = {}) {
    this.#on = begin(this.#members, options);
  }

  /** Every check up to 11.2. Throws NotHeld. */
  async board(given: Given): Promise<Examined> {
    for (const name of BOARD) this.#members.put(name, given[name] as Octets);
    await check(this.#on, null, LAST_OF_BOARD);
    const [vote, plan, board] = [this.#on.get("vote"), this.#on.get("plan"), this.#on.get("board")];
    const sums = sumsOf(plan, vote, board.byPanel, board.sums);
    this.#board = {
      manifest: decodeManifest(given["manifest.json"] as Octets),
      ceremony: decodeCeremony(given["ceremony.json"] as Octets),
      checkpoint: decodeCheckpoint(given["checkpoint.txt"] as Octets).checkpoint,
      plan: plan.hash,
      agreed: agreementHash(vote.hash, board.root, plan.hash),
      bases: sums.encodedAlphas,
      ballots: board.size,
      smallest: sums.ballots.reduce((least, n) => Math.min(least, n), Number.MAX_SAFE_INTEGER),
    };
    return this.#board;
  }

  /** Whether it was this very board that has been examined. */
  isOf(given: Given): boolean {
    return (
      this.#board !== null && BOARD.every((name) => same(this.#members.read(name), given[name] as Octets))
    );
  }

  get examined(): Examined {
    if (this.#board === null) throw new Error("no board was examined");
    return this.#board;
  }

  /** The minutes as a table, once `papers` has held. */
  sheet(): Sheet {
    return sheetOf(this.#on);
  }

  /** Every check from there up to 13.5, on the papers as they are now. Throws NotHeld. */
  async papers(given: Given): Promise<ExaminedPapers> {
    const { manifest, ceremony, checkpoint, plan, agreed } = this.examined;
    for (const name of PAPERS) this.#members.put(name, given[name] as Octets);
    await check(this.#on, LAST_OF_BOARD, LAST_OF_PAPERS);
    const [results, attendance, minutes, text] = (
      ["results.json", "attendance.json", "minutes.json", "minutes.txt"] as const
    ).map((name) => sha256(given[name] as Octets)) as [Octets, Octets, Octets, Octets];
    return {
      ...{ manifest, ceremony, agreed },
      certified: {
        manifest: manifest.hash,
        board: checkpoint.root,
        ...{ plan, results, attendance, minutes, text },
      },
      typeset: this.#on.found("typeset"),
    };
  }
}
