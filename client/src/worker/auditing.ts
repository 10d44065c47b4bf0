// What is said between the verifier's page, its coordinator and its hands: all of them one worker script
// (audit.ts).
//
// The page makes the workers, gives each but the first a port, and the other ends to the first: it verifies,
// they do the long work.

import type { Question } from "../verifier/ballot.ts";
import type { Findings, PanelSums, Refusal, Requests, Slice } from "../verifier/hand.ts";
import type { Finding, Report } from "../verifier/verify.ts";

/** To any of the workers. */
export type Task =
  /** Be a hand, and listen at this port. */
  | { readonly be: "hand"; readonly port: MessagePort }
  /** Verify this file with those hands. */
  | { readonly be: "coordinator"; readonly bundle: Blob; readonly hands: readonly MessagePort[] }
  /** Say the hash of this file. */
  | { readonly be: "hasher"; readonly file: Blob }
  /** Nobody waits for the verdict any more. */
  | { readonly be: "stopped" };

/** From the coordinator to the page. */
export type Said =
  | { readonly kind: "progress"; readonly check: string; readonly done: number; readonly total: number }
  | { readonly kind: "finding"; readonly finding: Finding }
  | { readonly kind: "report"; readonly report: Report; readonly sha256: string }
  | { readonly kind: "hash"; readonly sha256: string }
  /** The file could not be read any more, or a worker gave up: no verdict. */
  | { readonly kind: "broken"; readonly why: string };

/** From the coordinator to a hand, answered in the order of asking. */
export type Job =
  | { readonly do: "begin"; readonly question: Question }
  | { readonly do: "ballots"; readonly slice: Slice }
  | { readonly do: "requests"; readonly requests: Requests }
  | { readonly do: "sums" };

export type Done =
  | { readonly did: "begin" }
  | { readonly did: "ballots"; readonly findings: Findings }
  | { readonly did: "requests"; readonly refusal: Refusal | null }
  | { readonly did: "sums"; readonly sums: PanelSums }
  | { readonly did: "broke"; readonly why: string };
