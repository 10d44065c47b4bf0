// The frozen roll, replaced slips, and what slips have asked for (docs/protocol.md §6, §7).

import { type Bytes, bigEndian, key, order, same, u32 } from "./bytes.ts";
import { checkSignature } from "./ed25519.ts";
import { ascend, Field } from "./fields.ts";
import { transcript } from "./hashing.ts";
import type { Vote } from "./manifest.ts";
import { Tree } from "./merkle.ts";
import { hold } from "./refused.ts";

export interface Replaced {
  readonly panel: number;
  readonly old: Bytes;
  readonly fresh: Bytes;
}

export interface Roll {
  readonly panels: readonly (readonly Bytes[])[];
  readonly replaced: readonly Replaced[];
}

export interface Issued {
  readonly slip: Bytes;
  readonly blinded: Bytes;
  readonly signature: Bytes;
}

/** The form of the roll file, one list for each panel. */
export function readRoll(raw: Bytes, vote: Vote): Roll {
  const { format, panels, replaced } = Field.document(raw, "roll").object("format", "panels", "replaced");
  format.is("tin-nhiem/roll/2");
  const lists = panels.list().map((field) => field.list().map((each) => each.hex(32)));
  const entries = replaced.list().map((each) => {
    const { panel, old, new: fresh } = each.object("panel", "old", "new");
    return { panel: panel.integer(0, 99_999), old: old.hex(32), fresh: fresh.hex(32) };
  });
  hold(lists.length === vote.panels.length, panels.where, "are not as many as in the definition");
  return { panels: lists, replaced: entries };
}

/** 6.3: order, numbers and roots; no key on two rolls. */
export function checkRoll(roll: Roll, vote: Vote): void {
  const seen = new Set<string>();
  roll.panels.forEach((keys, p) => {
    const where = `roll.panels[${p}]`;
    ascend(keys, order, where);
    hold(keys.length === vote.panels[p]?.voters, where, "has another number of voters than the definition");
    const tree = new Tree();
    for (const each of keys) {
      hold(!seen.has(key(each)), where, "holds a key of another roll");
      seen.add(key(each));
      tree.add(each);
    }
    hold(
      same(tree.root(), vote.panels[p]?.roll as Bytes),
      where,
      "has another root than the definition names",
    );
  });
}

/** 6.4: replaced slips stand on the frozen roll, what replaces them on none; each once. */
export function checkReplaced({ panels, replaced }: Roll): void {
  const where = "roll.replaced";
  ascend(replaced, (a, b) => a.panel - b.panel || order(a.old, b.old), where);
  const frozen = panels.map((keys) => new Set(keys.map(key)));
  const seen = new Set<string>();
  replaced.forEach((entry, i) => {
    const fresh = key(entry.fresh);
    hold(
      frozen[entry.panel]?.has(key(entry.old)) === true,
      `${where}[${i}].old`,
      "is not on the frozen roll of that panel",
    );
    hold(!frozen.some((keys) => keys.has(fresh)), `${where}[${i}].new`, "stands on a frozen roll");
    hold(!seen.has(fresh), `${where}[${i}].new`, "replaces two slips");
    seen.add(fresh);
  });
}

/** The current keys of each panel (6.4). */
function currentKeys({ panels, replaced }: Roll): readonly ReadonlySet<string>[] {
  const current = panels.map((keys) => new Set(keys.map(key)));
  for (const { panel, old } of replaced) current[panel]?.delete(key(old));
  for (const { panel, fresh } of replaced) current[panel]?.add(key(fresh));
  return current;
}

/** The form of the issuance file, one list for each panel. */
export function readIssuance(raw: Bytes, vote: Vote): readonly (readonly Issued[])[] {
  const { format, panels } = Field.document(raw, "issuance").object("format", "panels");
  format.is("tin-nhiem/issuance/2");
  const lists = panels.list().map((field) =>
    field.list().map((each) => {
      const { slip, blinded, signature } = each.object("slip", "blinded", "signature");
      return { slip: slip.hex(32), blinded: blinded.hex(256), signature: signature.hex(64) };
    }),
  );
  hold(lists.length === vote.panels.length, panels.where, "are not as many as in the definition");
  return lists;
}

/** 7.5: order; each slip is a current key of its panel, once. */
export function checkIssuance(issuance: readonly (readonly Issued[])[], roll: Roll): void {
  const current = currentKeys(roll);
  issuance.forEach((records, p) => {
    const where = `issuance.panels[${p}]`;
    ascend(records, (a, b) => order(a.slip, b.slip), where);
    records.forEach(({ slip }, i) =>
      hold(current[p]?.has(key(slip)) === true, `${where}[${i}].slip`, "is no current key of this panel"),
    );
  });
}

/** 7.3: blinded messages are numbers from 1 to below the modulus of their panel's key, and differ. */
export function checkBlinded(
  issuance: readonly (readonly Pick<Issued, "blinded">[])[],
  moduli: readonly bigint[],
): void {
  issuance.forEach((records, p) => {
    const seen = new Set<string>();
    records.forEach(({ blinded }, i) => {
      const where = `issuance.panels[${p}][${i}].blinded`;
      const value = bigEndian(blinded);
      hold(value > 0n && value < (moduli[p] as bigint), where, "is zero, or not below the modulus");
      hold(!seen.has(key(blinded)), where, "is that of another slip");
      seen.add(key(blinded));
    });
  });
}

/** 7.2: a slip has signed for its paper. */
export function checkRequest(
  hash: Bytes,
  panel: number,
  { slip, blinded, signature }: Issued,
  where: string,
): void {
  checkSignature(slip, transcript("issue", hash, u32(panel), slip, blinded), signature, where);
}
