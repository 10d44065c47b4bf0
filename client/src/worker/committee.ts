// What is said between the committee page and its worker. Documents travel as their bytes; the seed travels
// to the worker only.

import type { Octets } from "../core/octets.ts";
import type { Sheet } from "../verifier/sheet.ts";

/** A MessagePort; a flow, which hands it on, knows nothing of the platform. */
export type Port = object;

interface Key {
  readonly seed: Octets;
  readonly trustee: number;
}

/** Manifest → what was cosigned under it, in hex. */
export type Agreed = readonly (readonly [string, string])[];
export type Members = Readonly<Record<string, Octets>>;

/**
 * What a browser remembers of one board that is being checked: seals, which tell nothing (remembering.ts).
 */
export interface Checked {
  /** The board's SHA-256, in hex. */
  readonly board: string;
  readonly seals: readonly string[];
}

/** The whole check, with the hands of other workers, going on where it was. */
interface Check extends Key {
  readonly members: Members;
  readonly hands: readonly Port[];
  readonly checked: Checked | null;
  /** The hash of this program. */
  readonly program: string;
}

export type Job =
  | (Key & {
      readonly do: "owns" | "commit" | "deal";
      readonly definition: Octets;
      readonly ceremony: Octets;
    })
  | (Key & { readonly do: "confirm"; readonly manifest: Octets; readonly ceremony: Octets })
  /** Check the whole board. */
  | (Check & { readonly do: "examine" })
  | (Key & { readonly do: "cosign"; readonly agreed: Agreed; readonly at: string })
  | (Key & {
      readonly do: "open";
      readonly agreed: Agreed;
      readonly agreement: Octets;
      readonly absent: readonly number[];
      readonly now: string;
      readonly since: string;
    })
  /** Make the papers again, after the board (examined before, or now). */
  | (Check & { readonly do: "papers"; readonly pdf: Octets | null })
  | (Key & { readonly do: "certify"; readonly agreed: Agreed })
  /** Be a hand of another worker, and listen at this port. */
  | { readonly do: "serve"; readonly port: Port };

/** What a count would open, and the words to be compared. */
export interface Summary {
  readonly ballots: number;
  readonly sums: number;
  readonly smallest: number;
  /** A of 11.3, in hex and in words. */
  readonly agreed: string;
  readonly words: string;
}

/** Heard while a job is done. */
export type Step =
  | { readonly kind: "progress"; readonly check: string; readonly done: number; readonly all: number }
  /** A slice holds: its seal is to be kept. */
  | { readonly kind: "checked"; readonly board: string; readonly seal: string };

export type Answer =
  | { readonly kind: "message"; readonly message: Octets; readonly agreed: Agreed }
  | { readonly kind: "owns"; readonly owns: boolean }
  | { readonly kind: "examined"; readonly summary: Summary }
  | { readonly kind: "papers"; readonly sheet: Sheet; readonly words: string }
  | { readonly kind: "tooFew"; readonly missing: readonly number[] }
  | { readonly kind: "lookUp"; readonly seconds: number }
  /** A check failed: `dealer` where it is somebody's deal that is wrong. */
  | {
      readonly kind: "refused";
      readonly name: string;
      readonly check: string;
      readonly where: string;
      readonly why: string;
      readonly dealer: number | null;
    };
