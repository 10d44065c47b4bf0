// What a voter's way consists of: the screens, what may be said on them, and what the flow needs from
// outside.

import type { Octets } from "../../core/octets.ts";
import type { Sealed, SealJob } from "../../worker/sealing.ts";
import type { Found } from "./look.ts";
import type { Drawer } from "./storage.ts";
import type { Wire } from "./wire.ts";

/** What went wrong: a name that the words know, or a refusal with its own sentence. */
export interface Problem {
  readonly name: string;
  readonly vi?: string;
  readonly en?: string;
}

/** The proof that a ballot is in the box. `signature` is null where only a look-up could say so. */
export interface Receipt {
  readonly tracker: string;
  readonly digest: Octets;
  readonly key: Octets;
  readonly sequence: number;
  readonly signature: Octets | null;
}

/** A ballot laid open (8.8). */
export interface Opened {
  readonly tracker: string;
  readonly choices: readonly number[];
  readonly file: Octets;
  readonly short: Octets;
}

/** What the look-up of the own ballot has brought: not asked yet, being asked, or an answer. */
export type Looked =
  | Found
  | { readonly at: "unknown" | "asking" | "offline" }
  | { readonly at: "false"; readonly check: string };

export type View =
  | { readonly at: "loading" }
  | { readonly at: "code"; readonly problem: Problem | null; readonly busy: boolean }
  | { readonly at: "welcome"; readonly problem: Problem | null; readonly busy: boolean }
  | { readonly at: "fetching" }
  | { readonly at: "marking"; readonly row: number | null }
  | { readonly at: "review" }
  | { readonly at: "sealing" }
  | { readonly at: "asking"; readonly problem: Problem | null }
  | { readonly at: "sealed"; readonly tracker: string; readonly resumed: boolean }
  | { readonly at: "opened"; readonly opened: Opened }
  | { readonly at: "casting"; readonly tries: number; readonly problem: Problem | null }
  | { readonly at: "done"; readonly receipt: Receipt; readonly again: boolean; readonly looked: Looked }
  | { readonly at: "stopped"; readonly problem: Problem; readonly retry: boolean };

export interface Ports {
  readonly survey: Octets;
  readonly wire: Wire;
  readonly drawer: Drawer;
  /** Several people vote on this device, one after the other: nothing stays after a receipt. */
  readonly shared: boolean;
  readonly random: (length: number) => Octets;
  readonly seal: (job: SealJob) => Promise<Sealed>;
  /** Hold a lock while the page lives; false when another tab holds it. */
  readonly lock: (name: string) => Promise<boolean>;
  readonly unlock: () => void;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Milliseconds that only ever grow, whatever the device's clock says. */
  readonly elapsed: () => number;
}
