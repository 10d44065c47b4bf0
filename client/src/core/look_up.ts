// What a look-up tells before the box is sealed (docs/protocol.md 15.5): yes or no, for whoever has the
// tracker. Twin of surveys/protocol/look_up.py.

import { Malformed } from "./errors.ts";
import { type Octets, order, same, toHex } from "./octets.ts";
import { digest } from "./transcript.ts";

const SALT_BYTES = 16;
const ENTRY_BYTES = 8;
const MOST_IN_A_BUCKET = 1000;
const ENTRIES = 1500;
const CHECK = "15.5";

/** d: so many hex digits of a tracker name its bucket; 0 where all trackers are one. */
export function digitsOfAPrefix(voters: number): number {
  let digits = 0;
  while (voters > MOST_IN_A_BUCKET * 16 ** digits) digits++;
  return digits;
}

/** E: how many entries each answer has. */
export function entriesOf(voters: number): number {
  return digitsOfAPrefix(voters) === 0 ? voters : ENTRIES;
}

/** What is asked for, to find this tracker. */
export function prefixOf(tracker: Octets, voters: number): string {
  return toHex(tracker).slice(0, digitsOfAPrefix(voters)) || "all";
}

/** The entry under this salt of a ballot that is in the box. */
export function lookUpEntry(salt: Octets, tracker: Octets): Octets {
  return digest("look-up", salt, tracker).slice(0, ENTRY_BYTES);
}

/** Whether the tracker's ballot is in the box, by an answer that is read strictly. Throws Malformed. */
export function holds(salt: Octets, entries: Octets, voters: number, tracker: Octets): boolean {
  if (salt.length !== SALT_BYTES) throw new Malformed(CHECK, "salt", "is not 16 bytes");
  const number = entriesOf(voters);
  if (entries.length !== number * ENTRY_BYTES) throw new Malformed(CHECK, "entries", `are not ${number}`);
  const cut = Array.from({ length: number }, (_, i) =>
    entries.subarray(i * ENTRY_BYTES, (i + 1) * ENTRY_BYTES),
  );
  if (cut.some((entry, i) => i > 0 && order(cut[i - 1] as Octets, entry) > 0))
    throw new Malformed(CHECK, "entries", "are not ascending");
  const wanted = lookUpEntry(salt, tracker);
  return cut.some((entry) => same(entry, wanted));
}
