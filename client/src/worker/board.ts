// board.bin as a list of ballots (docs/protocol.md 10.1), and how many of them a slow device can check whole.

import { checkProofs, checkSignature, checkToken, decodeBallot } from "../core/ballot.ts";
import { Malformed } from "../core/errors.ts";
import type { Manifest } from "../core/manifest.ts";
import type { Octets } from "../core/octets.ts";

/** u32(length) ‖ ballot, over and over. Throws Malformed. */
export function cutBoard(raw: Octets): Octets[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const ballots: Octets[] = [];
  for (let at = 0; at < raw.length; ) {
    const length = at + 4 <= raw.length ? view.getUint32(at) : 0;
    if (length === 0 || at + 4 + length > raw.length) throw new Malformed("10.1", `board[${ballots.length}]`, "is cut off");
    ballots.push(raw.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return ballots;
}

/** How many ballots can be checked whole within so many seconds on this device; null: all of them. Checks one to find out. */
export function checkOfBoard(manifest: Manifest, board: readonly Octets[], seconds: number): number | null {
  const first = board[0];
  if (first === undefined) return null;
  const ballot = decodeBallot(first, manifest, "board[0]");
  const began = performance.now();
  checkToken(ballot, manifest, "board[0]");
  checkSignature(ballot, "board[0]");
  checkProofs(ballot, manifest, "board[0]");
  const each = performance.now() - began;
  const possible = Math.max(10, Math.floor((1000 * seconds) / Math.max(each, 0.01)));
  return possible >= board.length ? null : possible;
}
