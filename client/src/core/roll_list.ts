// The frozen roll as it is published (docs/protocol.md 6.3, 6.4). Twin of surveys/protocol/roll_list.py.

import { decode, Fields } from "./canonical.ts";
import type { Definition } from "./definition.ts";
import { Inconsistent, Missing } from "./errors.ts";
import { format } from "./manifest.ts";
import { root } from "./merkle.ts";
import { type Octets, order, same, toHex } from "./octets.ts";

const ROLL_FORMAT = "tin-nhiem/roll/2";

const MOST_PANELS = 100_000;
const MOST_REPLACED = 10_000_000;

/** A slip that was lost: its frozen key, and the key of the slip that took its place. */
export interface Replaced {
  readonly panel: number;
  readonly old: Octets;
  readonly new: Octets;
}

/** For each panel its slip keys as they were frozen, and what was replaced since. */
export interface Roll {
  readonly panels: readonly (readonly Octets[])[];
  readonly replaced: readonly Replaced[];
}

/** RFC 6962 head over the sorted keys. */
export function rollRoot(keys: readonly Octets[]): Octets {
  return root([...keys].sort(order));
}

export function decodeRoll(raw: Octets): Roll {
  const fields = new Fields(decode(raw, "6.3", "roll"), "6.3", "roll");
  format(fields, ROLL_FORMAT);
  const panels = fields.hexLists("panels", 32);
  const replaced = fields.objects("replaced", MOST_REPLACED).map(readReplaced);
  fields.done();
  return { panels, replaced };
}

function readReplaced(fields: Fields): Replaced {
  const read = {
    panel: fields.integer("panel", 0, MOST_PANELS - 1),
    old: fields.hex("old", 32),
    new: fields.hex("new", 32),
  };
  fields.done();
  return read;
}

/** For each panel the keys to which papers may be issued (6.4), in hex. */
export function currentKeys(roll: Roll): Set<string>[] {
  const keys = roll.panels.map((panel) => new Set(panel.map(toHex)));
  for (const each of roll.replaced) keys[each.panel]?.delete(toHex(each.old));
  for (const each of roll.replaced) keys[each.panel]?.add(toHex(each.new));
  return keys;
}

/** 6.4: order, frozen keys replaced by new ones, each once. */
export function checkReplaced(roll: Roll): void {
  const frozen = roll.panels.map((keys) => new Set(keys.map(toHex)));
  const seen = new Set(frozen.flatMap((keys) => [...keys]));
  roll.replaced.forEach((each, i) => {
    const where = `roll.replaced[${i}]`;
    const before = roll.replaced[i - 1];
    if (before !== undefined && (before.panel - each.panel || order(before.old, each.old)) >= 0) {
      throw new Inconsistent("6.4", where, "out of order or repeated");
    }
    if (!frozen[each.panel]?.has(toHex(each.old)))
      throw new Missing("6.4", `${where}.old`, "not on the frozen roll of this panel");
    if (seen.has(toHex(each.new))) throw new Inconsistent("6.4", `${where}.new`, "not a new key");
    seen.add(toHex(each.new));
  });
}

/** 6.3: order, numbers and roots are those of the definition, and no key stands on two rolls. */
export function checkRoll(roll: Roll, definition: Definition): void {
  const need = (holds: boolean, where: string, why: string): void => {
    if (!holds) throw new Inconsistent("6.3", where, why);
  };
  const panels = definition.terms.panels;
  need(roll.panels.length === panels.length, "roll.panels", "not one list for each panel");
  const owners = new Set<string>();
  panels.forEach((panel, p) => {
    const keys = roll.panels[p] as readonly Octets[];
    const where = `roll.panels[${p}]`;
    keys
      .slice(1)
      .forEach((key, i) =>
        need(order(keys[i] as Octets, key) < 0, `${where}[${i + 1}]`, "out of order or repeated"),
      );
    need(keys.length === panel.voters, where, `${keys.length} keys, ${panel.voters} voters`);
    need(same(rollRoot(keys), panel.roll), where, "not the frozen roll: the root differs");
    for (const key of keys.map(toHex)) {
      need(!owners.has(key), where, "a key stands on another panel's roll too");
      owners.add(key);
    }
  });
}
