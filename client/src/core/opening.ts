// A challenged ballot laid open (docs/protocol.md 8.8, 8.9). Twin of surveys/protocol/opening.py, and the
// short form for QR codes. A ballot that is opened must not be cast; without token and signature it cannot
// be.

import { decode, encode, Fields } from "./canonical.ts";
import { Inconsistent, Malformed } from "./errors.ts";
import { Scalar } from "./group.ts";
import type { Manifest } from "./manifest.ts";
import { join, type Octets, same, toHex } from "./octets.ts";
import { sealBody, seeded } from "./secret/encrypt.ts";
import { u32 } from "./transcript.ts";

export const OPENING_FORMAT = "tin-nhiem/opening/2";
const MOST_ROWS = 100;
const SHORT_VERSION = 1;
const SHORT_HEADER = 1 + 32 + 4 + 32 + 4 + 32;

/** `checkOpening` (ballot.ts) says whether it holds. */
export interface Opening {
  readonly body: Octets;
  readonly choices: readonly number[];
  readonly randomness: readonly Scalar[];
}

/** Canonical bytes of the opening file. */
export function encodeOpening({ body, choices, randomness }: Opening): Octets {
  return encode({
    format: OPENING_FORMAT,
    body: toHex(body),
    choices: [...choices],
    randomness: randomness.map((r) => toHex(r.encode())),
  });
}

/** Parse an opening file strictly. */
export function decodeOpening(raw: Octets): Opening {
  const fields = new Fields(decode(raw, "8.8", "opening"), "8.8", "opening");
  if (fields.text("format", 100) !== OPENING_FORMAT) {
    throw new Malformed("8.8", "opening.format", `not ${OPENING_FORMAT}`);
  }
  const body = fields.hex("body", null);
  const choices = fields.integers("choices", MOST_ROWS);
  const randomness = fields
    .hexes("randomness", MOST_ROWS, 32)
    .map((r, i) => Scalar.decode(r, "8.8", `opening.randomness[${i}]`));
  fields.done();
  return { body, choices, randomness };
}

/** What a short opening says: enough to make the body anew. */
export interface Short {
  readonly manifest: Octets;
  readonly panel: number;
  readonly key: Octets;
  readonly sequence: number;
  readonly seed: Octets;
  readonly choices: readonly number[];
}

/** The short opening as bytes (8.9), before base64url. */
export function encodeShort(short: Short): Octets {
  const head = [
    Uint8Array.of(SHORT_VERSION),
    short.manifest,
    u32(short.panel),
    short.key,
    u32(short.sequence),
    short.seed,
  ];
  return join(...head, Uint8Array.from(short.choices));
}

export function decodeShort(raw: Octets): Short {
  if (raw.length <= SHORT_HEADER || raw[0] !== SHORT_VERSION)
    throw new Malformed("8.9", "short", "not a short opening");
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return {
    manifest: raw.slice(1, 33),
    panel: view.getUint32(33),
    key: raw.slice(37, 69),
    sequence: view.getUint32(69),
    seed: raw.slice(73, 105),
    choices: [...raw.slice(SHORT_HEADER)],
  };
}

/**
 * Make the body anew from a short opening. Throws Inconsistent for another vote, Malformed for what no ballot
 * holds.
 */
export function openShort(short: Short, manifest: Manifest): Opening {
  if (!same(short.manifest, manifest.hash))
    throw new Inconsistent("8.9", "short.manifest", "made for another vote");
  const panel = manifest.definition.terms.panels[short.panel];
  const levels = manifest.definition.levels.length;
  if (panel === undefined || panel.contests.length !== short.choices.length || short.sequence < 1) {
    throw new Malformed("8.9", "short.panel", "no ballot of this vote");
  }
  if (short.choices.some((choice) => choice > levels))
    throw new Malformed("8.9", "short.choices", "no such choice");
  const question = manifest.question(short.panel);
  const made = sealBody(question, short.panel, short.choices, short.key, short.sequence, seeded(short.seed));
  return { body: made.body, choices: made.choices, randomness: made.randomness };
}
