// What is said between a page and the worker that seals a ballot.

import type { Octets } from "../core/octets.ts";

/** A ballot to seal. `seed` is the one seed of its randomness (docs/protocol.md 8.9). */
export interface SealJob {
  readonly hash: Octets;
  readonly electionKey: Octets;
  readonly levels: number;
  readonly contests: number;
  readonly panel: number;
  readonly marks: readonly number[];
  readonly key: Octets;
  readonly sequence: number;
  readonly seed: Octets;
}

/**
 * The sealed body, its digest, and what would open it: kept in the page's memory until the ballot is cast.
 */
export interface Sealed {
  readonly body: Octets;
  readonly digest: Octets;
  readonly marks: readonly number[];
  readonly randomness: readonly Octets[];
  readonly seed: Octets;
}
