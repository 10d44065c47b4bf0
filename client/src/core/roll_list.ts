// The frozen roll as it is published (docs/protocol.md 6.3). Twin of surveys/protocol/roll_list.py.

import { decode, Fields } from "./canonical.ts";
import type { Definition } from "./definition.ts";
import { Inconsistent } from "./errors.ts";
import { format } from "./manifest.ts";
import { root } from "./merkle.ts";
import { type Octets, order, same, toHex } from "./octets.ts";

const ROLL_FORMAT = "tin-nhiem/roll/1";

export type Roll = readonly (readonly Octets[])[];

/** RFC 6962 head over the sorted keys. */
export function rollRoot(keys: readonly Octets[]): Octets {
  return root([...keys].sort(order));
}

export function decodeRoll(raw: Octets): Roll {
  const fields = new Fields(decode(raw, "6.3", "roll"), "6.3", "roll");
  format(fields, ROLL_FORMAT);
  const roll = fields.hexLists("panels", 32);
  fields.done();
  return roll;
}

/** 6.3: order, numbers and roots are those of the definition, and no key stands on two rolls. */
export function checkRoll(roll: Roll, definition: Definition): void {
  const need = (holds: boolean, where: string, why: string): void => {
    if (!holds) throw new Inconsistent("6.3", where, why);
  };
  const panels = definition.terms.panels;
  need(roll.length === panels.length, "roll.panels", "not one list for each panel");
  const owners = new Set<string>();
  panels.forEach((panel, p) => {
    const keys = roll[p] as readonly Octets[];
    const where = `roll.panels[${p}]`;
    keys.slice(1).forEach((key, i) => need(order(keys[i] as Octets, key) < 0, `${where}[${i + 1}]`, "out of order or repeated"));
    need(keys.length === panel.voters, where, `${keys.length} keys, ${panel.voters} voters`);
    need(same(rollRoot(keys), panel.roll), where, "not the frozen roll: the root differs");
    for (const key of keys.map(toHex)) {
      need(!owners.has(key), where, "a key stands on another panel's roll too");
      owners.add(key);
    }
  });
}
