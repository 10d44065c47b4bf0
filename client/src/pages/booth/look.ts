// The look-up of a tracker: while polls are open yes or no, after sealing a proof that is checked here (docs/protocol.md 15.5, 10.2, 10.3).

import { decodeBody, SIGNATURE_BYTES, TOKEN_BYTES } from "../../core/ballot.ts";
import { decodeCheckpoint } from "../../core/checkpoint.ts";
import { Inconsistent, Malformed } from "../../core/errors.ts";
import type { Manifest } from "../../core/manifest.ts";
import { checkInclusion } from "../../core/merkle.ts";
import { fromHex, fromText, type Octets, same, toHex } from "../../core/octets.ts";
import type { Whereabouts } from "./wire.ts";

/** Where a ballot lies, checked. `place` counts from 1. */
export type Found = { readonly at: "box" | "nowhere" } | { readonly at: "board"; readonly place: number; readonly size: number };

/** Check what the server says of a tracker. Throws Rejected where a proof does not hold. */
export function checkFound(said: Whereabouts, tracker: Octets, manifest: Manifest): Found {
  if (said.where !== "board") return { at: said.where };
  const raw = octets(said.ballot, "ballot");
  const ballot = decodeBody(raw.slice(0, raw.length - TOKEN_BYTES - SIGNATURE_BYTES), manifest);
  if (!same(ballot.tracker, tracker)) throw new Inconsistent("8.7", "ballot", "another tracker");
  const note = decodeCheckpoint(fromText(said.checkpoint));
  const { origin, size, root, extensions } = note.checkpoint;
  const name = `tin-nhiem/${toHex(manifest.definition.terms.survey)}`;
  if (origin !== name || extensions.join("\n") !== `manifest ${toHex(manifest.hash)}`) {
    throw new Inconsistent("10.2", "checkpoint", "of another vote");
  }
  note.checkSignature(name, manifest.definition.terms.boxKey, "10.3");
  const proof = said.proof.map((step, i) => octets(step, `proof[${i}]`));
  checkInclusion(raw, said.index, Number(size), proof, root);
  return { at: "board", place: said.index + 1, size: Number(size) };
}

function octets(text: unknown, where: string): Octets {
  const raw = typeof text === "string" ? fromHex(text) : null;
  if (raw === null) throw new Malformed("15.5", where, "not hex");
  return raw;
}
