// The look-up of a tracker (docs/protocol.md 15.5): a bucket is fetched, and what is looked for is found in
// it here. Before sealing yes or no, afterwards a proof that is checked here.

import { placeIn } from "../../core/board.ts";
import { decodeCheckpoint } from "../../core/checkpoint.ts";
import { Inconsistent, Malformed } from "../../core/errors.ts";
import { holds, prefixOf } from "../../core/look_up.ts";
import type { Manifest } from "../../core/manifest.ts";
import { fromHex, fromText, type Octets, toHex } from "../../core/octets.ts";

/**
 * Where a ballot lies, checked; `missing`: it is proved not to be on the sealed board. `place` counts from 1.
 */
export type Found =
  | { readonly at: "box" | "nowhere" }
  | { readonly at: "missing"; readonly size: number }
  | { readonly at: "board"; readonly place: number; readonly size: number };

/** The answer of 15.5, as it came. */
export type Bucket = Readonly<Record<string, unknown>>;

/** What is asked for, to find this tracker. */
export function bucketOf(tracker: Octets, manifest: Manifest): string {
  return prefixOf(tracker, manifest.definition.terms.voters);
}

/** Find a tracker in what the server says. Throws Rejected where a form or a proof does not hold. */
export function findIn(said: Bucket, tracker: Octets, manifest: Manifest): Found {
  if (said["checkpoint"] === undefined) {
    const [salt, entries] = [octets(said["salt"], "salt"), octets(said["entries"], "entries")];
    const { voters } = manifest.definition.terms;
    return { at: holds(salt, entries, voters, tracker) ? "box" : "nowhere" };
  }
  const { size, root } = checkedBoard(said["checkpoint"], manifest);
  const stretch = {
    first: said["first"] as number,
    leaves: list(said["leaves"], "leaves"),
    proof: list(said["proof"], "proof"),
  };
  const place = placeIn(stretch, tracker, size, root);
  return place === null ? { at: "missing", size } : { at: "board", place: place + 1, size };
}

/** Size and root of the board that the box of this vote has signed. Throws Rejected. */
export function checkedBoard(
  text: unknown,
  manifest: Manifest,
): { readonly size: number; readonly root: Octets } {
  if (typeof text !== "string") throw new Malformed("15.5", "checkpoint", "not a text");
  const note = decodeCheckpoint(fromText(text));
  const { origin, size, root, extensions } = note.checkpoint;
  const name = `tin-nhiem/${toHex(manifest.definition.terms.survey)}`;
  if (origin !== name || extensions.join("\n") !== `manifest ${toHex(manifest.hash)}`) {
    throw new Inconsistent("10.2", "checkpoint", "of another vote");
  }
  note.checkSignature(name, manifest.definition.terms.boxKey, "10.3");
  return { size: Number(size), root };
}

function list(value: unknown, where: string): Octets[] {
  if (!Array.isArray(value)) throw new Malformed("15.5", where, "not a list");
  return value.map((each) => octets(each, where));
}

function octets(text: unknown, where: string): Octets {
  const raw = typeof text === "string" ? fromHex(text) : null;
  if (raw === null) throw new Malformed("15.5", where, "not hex");
  return raw;
}
