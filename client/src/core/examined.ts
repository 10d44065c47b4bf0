// What a member's client has checked whole before it signs (docs/protocol.md 11.3, 13.6); made by
// worker/examining.ts alone.

import type { Ceremony } from "./ceremony.ts";
import type { Certified } from "./certificate.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Manifest } from "./manifest.ts";
import type { Octets } from "./octets.ts";

/** A count of which nothing is signed yet. */
export interface Examined {
  readonly manifest: Manifest;
  readonly ceremony: Ceremony;
  readonly checkpoint: Checkpoint;
  /** P, and A of 11.3. */
  readonly plan: Octets;
  readonly agreed: Octets;
  /** The first components of the sums, encoded. */
  readonly bases: readonly Octets[];
  readonly ballots: number;
  /** The size of the smallest group that would be opened. */
  readonly smallest: number;
}

/**
 * Papers that were made again on this device: what their certificate signs, and the hash of typeset minutes
 * that they name.
 */
export interface ExaminedPapers {
  readonly manifest: Manifest;
  readonly ceremony: Ceremony;
  readonly agreed: Octets;
  readonly certified: Certified;
  readonly typeset: Octets | null;
}
