// Atoms: the smallest groups whose sums are ever opened (docs/protocol.md 11.1). Twin of
// surveys/rules/atoms.py. Small cells are merged inside the same parent, so that everybody finds the same
// plan. Danger: an atom under k shows votes.

import { fromText, order } from "./octets.ts";

const FLOOR = 3;

/** Panels (unit codes in the order of their UTF-8 bytes) and the ballots they returned together. */
export interface Atom {
  readonly panels: readonly string[];
  readonly ballots: number;
}

type Parents = ReadonlyMap<string, string | null>;

/**
 * The atoms of an electorate, sorted by first panel, or null where it returned fewer than k ballots and
 * nothing is opened. `ballots` maps each panel of the electorate (a unit code) to its ballots, `parents` each
 * unit of the tree to its parent.
 */
export function planAtoms(ballots: ReadonlyMap<string, number>, parents: Parents, k: number): Atom[] | null {
  if (k < FLOOR) throw new RangeError(`k is at least ${FLOOR}`);
  const numbers = [...ballots.values()];
  if (numbers.some((number) => number < 0)) throw new RangeError("a number of ballots is negative");
  const units = unitsAbove([...ballots.keys()], parents);
  if (numbers.reduce((total, number) => total + number, 0) < k) return null;
  const rank = new Map(units.map((unit, i) => [unit, i]));
  const children = childrenOf(units, parents);
  const inside = new Map<string | null, Group[]>();
  const left = new Map<string | null, Group>();
  for (const unit of fromTheLeaves(children, units.length)) {
    const below = children.get(unit) ?? [];
    const own = unit === null ? undefined : ballots.get(unit);
    const groups = own === undefined ? [] : [new Group([rank.get(unit as string) as number], own)];
    groups.push(...below.map((child) => left.get(child) as Group));
    const [atoms, over] = gather(groups, joined(below.map((child) => inside.get(child) as Group[])), k);
    inside.set(unit, atoms);
    left.set(unit, over);
    for (const child of below) {
      inside.delete(child);
      left.delete(child);
    }
  }
  return (inside.get(null) as Group[])
    .sort((a, b) => a.lowest - b.lowest)
    .map((group) => ({
      panels: group.panels.sort((a, b) => a - b).map((place) => units[place] as string),
      ballots: group.ballots,
    }));
}

/**
 * Panels counted together so far, each by its place in the order of codes. Grows in place: a tree may be
 * large.
 */
class Group {
  readonly panels: number[];
  ballots: number;
  lowest: number;

  constructor(panels: number[], ballots: number) {
    this.panels = panels;
    this.ballots = ballots;
    this.lowest = Math.min(Infinity, ...panels);
  }

  take(other: Group): void {
    for (const panel of other.panels) this.panels.push(panel);
    this.ballots += other.ballots;
    this.lowest = Math.min(this.lowest, other.lowest);
  }
}

/**
 * The panels and all units above them, in the order of their UTF-8 bytes. Other units of the tree do not
 * matter.
 */
function unitsAbove(panels: readonly string[], parents: Parents): string[] {
  const needed = new Set<string>();
  for (const panel of panels) {
    for (let at: string | null = panel; at !== null && !needed.has(at); ) {
      const parent = parents.get(at);
      if (parent === undefined) throw new RangeError(`${at} is not in the tree`);
      needed.add(at);
      at = parent;
    }
  }
  const encoded = [...needed].map((unit) => [unit, fromText(unit)] as const);
  return encoded.sort(([, a], [, b]) => order(a, b)).map(([unit]) => unit);
}

/** The children, in order, of each unit, and under null the roots. */
function childrenOf(units: readonly string[], parents: Parents): Map<string | null, string[]> {
  const children = new Map<string | null, string[]>();
  for (const unit of units) {
    const parent = parents.get(unit) ?? null;
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [unit]);
    else known.push(unit);
  }
  return children;
}

/** Every unit after all units under it, null last. */
function fromTheLeaves(
  children: ReadonlyMap<string | null, readonly string[]>,
  units: number,
): (string | null)[] {
  const down: (string | null)[] = [null];
  for (const unit of down) for (const child of children.get(unit) ?? []) down.push(child);
  if (down.length !== units + 1) throw new RangeError("a unit is above itself");
  return down.reverse();
}

/** One list of all atoms; the longest is kept, so that a deep tree does not copy it at each level. */
function joined(lists: readonly Group[][]): Group[] {
  const longest = lists.reduce<Group[]>((a, b) => (b.length > a.length ? b : a), []);
  for (const each of lists) {
    if (each !== longest) for (const atom of each) longest.push(atom);
  }
  return longest;
}

/**
 * The atoms of one unit by 11.1, steps 2 to 4, and what is left over (under k) for the level above. The
 * unit's own panel comes first, so one with k ballots is an atom by itself; what children leave over has
 * fewer.
 */
function gather(groups: readonly Group[], atoms: Group[], k: number): [Group[], Group] {
  let gathered = new Group([], 0);
  for (const group of groups) {
    gathered.take(group);
    if (gathered.ballots >= k) {
      atoms.push(gathered);
      gathered = new Group([], 0);
    }
  }
  if (gathered.panels.length > 0 && atoms.length > 0) {
    atoms
      .reduce((a, b) => (b.ballots < a.ballots || (b.ballots === a.ballots && b.lowest < a.lowest) ? b : a))
      .take(gathered);
    gathered = new Group([], 0);
  }
  return [atoms, gathered];
}
