// What the committee page shows at each step, and what its flow asks of the platform: types alone.

import type { Manifest } from "../../core/manifest.ts";
import type { Octets } from "../../core/octets.ts";
import type { Both } from "../../dom/languages.ts";
import type { Sheet } from "../../verifier/sheet.ts";
import type { Agreed, Answer, Checked, Job, Port, Step, Summary } from "../../worker/committee.ts";
import type { Wire } from "./wire.ts";

export interface Problem {
  readonly name: string;
  readonly vi?: string;
  readonly en?: string;
  readonly detail?: string;
}

export type Purpose = "new" | "go-on" | "test";

export type View =
  | { readonly at: "loading" }
  | { readonly at: "home"; readonly note: string | null }
  | { readonly at: "make"; readonly groups: readonly string[]; readonly round: Both; readonly day: string }
  | {
      readonly at: "enter";
      readonly purpose: Purpose;
      readonly problem: Problem | null;
      /** What stands in the fields: it stays, whatever is wrong with it. */
      readonly typed: string[];
    }
  | { readonly at: "scan"; readonly purpose: Purpose; readonly typed: string[] }
  | { readonly at: "lost" }
  | { readonly at: "working"; readonly what: string; readonly done: number; readonly all: number }
  | { readonly at: "confirm"; readonly manifest: Manifest }
  | { readonly at: "cosign"; readonly summary: Summary }
  | { readonly at: "open"; readonly summary: Summary; readonly missing: readonly number[] }
  | { readonly at: "lookUp"; readonly summary: Summary; readonly until: number }
  | { readonly at: "papers"; readonly sheet: Sheet; readonly words: string; readonly pdf: Octets | null }
  | { readonly at: "stopped"; readonly problem: Problem; readonly retry: boolean };

export interface Ports {
  readonly wire: Wire;
  readonly random: (length: number) => Octets;
  /** One job for the worker; `hear` is told of steps. */
  readonly work: (job: Job, hear: (step: Step) => void) => Promise<Answer>;
  /**
   * What was cosigned under which manifest, and when each board was first seen: kept by the browser beyond
   * a reload.
   */
  readonly memory: Memory;
  /** This instant, YYYY-MM-DDThh:mm:ssZ. */
  readonly now: () => string;
  /** The hash of the worker's program. */
  readonly program: string;
  /** Ports to other workers that do a part of the long work. */
  readonly hands: () => readonly Port[];
  readonly wait: (milliseconds: number) => Promise<void>;
}

export interface Memory {
  /** Whether anything is kept at all beyond a reload. */
  readonly keeps: boolean;
  agreed(): Agreed;
  keepAgreed(agreed: Agreed): void;
  /** When this board was first seen on this device; from now on it is known. */
  firstSeen(agreed: string, now: string): string;
  /** Seals of what has been checked of the board that was checked last. */
  checked(): Checked | null;
  /** One more; of another board, what was kept goes. */
  keepChecked(board: string, seal: string): void;
}
