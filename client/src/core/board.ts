// The board's leaves and its tree head (docs/protocol.md 10.1, 10.2), and a part of it that proves itself
// (15.5). Twin of surveys/protocol/board.py.

import { sha256 } from "@noble/hashes/sha2.js";

import { SIGNATURE_BYTES, TOKEN_BYTES } from "./ballot.ts";
import { Inconsistent, Malformed, Missing } from "./errors.ts";
import { checkRange, leafHash, root } from "./merkle.ts";
import { join, type Octets, order, same } from "./octets.ts";
import { digest } from "./transcript.ts";

const LEAF_BYTES = 64;
const TRACKER_BYTES = 10;
const CHECK = "15.5";

/** The digest of a ballot's bytes (8.7): over all but token and signature. */
export function digestOf(raw: Octets): Octets {
  return digest("ballot/digest", raw.subarray(0, Math.max(0, raw.length - TOKEN_BYTES - SIGNATURE_BYTES)));
}

/** digest ‖ SHA-256(ballot), 64 bytes (10.2). */
export function leafOf(raw: Octets): Octets {
  return join(digestOf(raw), sha256(raw));
}

/** The tree head over ballots in the order of the board. */
export function boardRoot(ballots: readonly Octets[]): Octets {
  return root(ballots.map(leafOf));
}

/** Neighbouring leaves of the board: the index of the first, and the range's proof. */
export interface Stretch {
  readonly first: number;
  readonly leaves: readonly Octets[];
  readonly proof: readonly Octets[];
}

/**
 * Where on a board of this size and root the tracker's ballot stands, counted from 0; null: proved that it is
 * nowhere. Throws Rejected where the stretch is not of this board, or does not reach as far as the tracker.
 */
export function placeIn(found: Stretch, tracker: Octets, size: number, head: Octets): number | null {
  const { first, leaves, proof } = found;
  if (leaves.some((leaf) => leaf.length !== LEAF_BYTES))
    throw new Malformed(CHECK, "leaves", "not 64 bytes each");
  checkRange(leaves.map(leafHash), first, size, proof, head);
  const digests = leaves.map((leaf) => leaf.subarray(0, 32));
  if (digests.some((each, i) => i > 0 && order(digests[i - 1] as Octets, each) >= 0))
    throw new Inconsistent(CHECK, "leaves", "not in the order of digests");
  const trackers = digests.map((each) => each.subarray(0, TRACKER_BYTES));
  const at = trackers.findIndex((each) => same(each, tracker));
  if (at >= 0) return first + at;
  const [lowest, highest] = [trackers[0], trackers[trackers.length - 1]];
  const begins = first === 0 || (lowest !== undefined && order(lowest, tracker) < 0);
  const ends = first + leaves.length === size || (highest !== undefined && order(highest, tracker) > 0);
  if (!begins || !ends) throw new Missing(CHECK, "leaves", "do not reach around the tracker");
  return null;
}
