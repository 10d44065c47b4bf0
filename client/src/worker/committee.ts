// What is said between the committee page and its worker. Documents travel as their bytes; the seed travels to the worker only.

import type { Octets } from "../core/octets.ts";

interface Sheet {
  readonly seed: Octets;
  readonly trustee: number;
}

/** What the server's papers say, for the certificate (13.6); hex. */
export type PaperHex = Readonly<Record<"manifest" | "board" | "plan" | "results" | "attendance" | "minutes" | "text", string>>;

export type Job =
  | (Sheet & { readonly do: "owns" | "commit" | "deal"; readonly definition: Octets; readonly ceremony: Octets })
  | (Sheet & { readonly do: "confirm"; readonly manifest: Octets; readonly ceremony: Octets })
  | (Sheet & {
      readonly do: "examine";
      readonly manifest: Octets;
      readonly ceremony: Octets;
      readonly board: Octets;
      readonly checkpoint: Octets;
      readonly plan: Octets;
      /** Manifest → plan that was opened before, in hex. */
      readonly opened: readonly (readonly [string, string])[];
      /** Seconds that checking proofs may take; as many ballots are checked as fit. */
      readonly seconds: number;
    })
  | { readonly do: "open" }
  | (Sheet & { readonly do: "certify"; readonly manifest: Octets; readonly ceremony: Octets; readonly papers: PaperHex; readonly opened: readonly (readonly [string, string])[] });

/** What a count would open. */
export interface Summary {
  readonly ballots: number;
  readonly checked: number;
  readonly sums: number;
  readonly smallest: number;
}

export type Answer =
  | { readonly kind: "progress"; readonly step: "read" | "check" | "open"; readonly done: number; readonly all: number }
  | { readonly kind: "message"; readonly message: Octets }
  | { readonly kind: "owns"; readonly owns: boolean }
  | { readonly kind: "examined"; readonly summary: Summary }
  | { readonly kind: "opened"; readonly message: Octets; readonly opened: readonly (readonly [string, string])[] }
  /** A check failed: `dealer` where it is somebody's deal that is wrong. */
  | { readonly kind: "refused"; readonly name: string; readonly check: string; readonly where: string; readonly why: string; readonly dealer: number | null };
