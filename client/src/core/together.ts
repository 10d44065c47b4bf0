// Contests on one person are cut together (docs/protocol.md 11.1): what one of them opens tells of another.
// Twin of surveys/rules/together.py.

import { planAtoms } from "./atoms.ts";

type Atoms = readonly (readonly number[])[];

/** A person and the ascending indices of panels for each contest, a unit for each panel. */
export interface Electorates {
  readonly contests: readonly { readonly person: string; readonly panels: readonly number[] }[];
  readonly units: readonly string[];
  readonly parents: ReadonlyMap<string, string | null>;
  readonly k: number;
}

/** Panels that the same kept contests list, and the ballots they returned together. */
interface Class {
  readonly contests: readonly number[];
  readonly panels: number[];
  ballots: number;
}

interface Group {
  readonly panels: number[];
  readonly ballots: number;
}

/** For each contest its atoms, or null where it is withheld. `ballots` counts by panel. */
export function planRound(round: Electorates, ballots: readonly number[]): (Atoms | null)[] {
  const ofPerson = new Map<string, number[]>();
  round.contests.forEach(({ person }, c) => {
    ofPerson.set(person, [...(ofPerson.get(person) ?? []), c]);
  });
  const planned: (Atoms | null)[] = round.contests.map(() => null);
  for (const contests of ofPerson.values())
    for (const [c, atoms] of planPerson(contests, round, ballots)) planned[c] = atoms;
  return planned;
}

function planPerson(
  contests: readonly number[],
  round: Electorates,
  ballots: readonly number[],
): ReadonlyMap<number, Atoms> {
  const electorate = (c: number): readonly number[] => round.contests[c]?.panels ?? [];
  const returned = new Map(contests.map((c) => [c, total(electorate(c), ballots)]));
  const kept = new Set(contests.filter((c) => (returned.get(c) as number) >= round.k));
  const listing = new Map<number, number[]>();
  for (const c of kept)
    for (const p of electorate(c)) {
      const known = listing.get(p);
      if (known === undefined) listing.set(p, [c]);
      else known.push(c);
    }
  const panels = [...listing.keys()].sort((a, b) => a - b);
  for (;;) {
    const small = classes(panels, listing, kept, ballots).find(
      (each) => each.ballots > 0 && each.ballots < round.k,
    );
    if (small === undefined) break;
    const near = small.contests.flatMap((c) => electorate(c).flatMap((p) => listing.get(p) as number[]));
    const fewest = [...new Set(near)]
      .filter((c) => kept.has(c))
      .sort((a, b) => (returned.get(a) as number) - (returned.get(b) as number) || b - a);
    kept.delete(fewest[0] as number);
  }
  const groups = new Map([...kept].map((c) => [c, [] as Group[]]));
  const found = classes(panels, listing, kept, ballots);
  const index = new Map(panels.map((p) => [round.units[p] as string, p]));
  for (const each of found.filter(({ ballots }) => ballots > 0)) {
    const cast = new Map(each.panels.map((p) => [round.units[p] as string, ballots[p] as number]));
    for (const atom of planAtoms(cast, round.parents, round.k) ?? [])
      for (const c of each.contests)
        groups.get(c)?.push({
          panels: atom.panels.map((unit) => index.get(unit) as number),
          ballots: atom.ballots,
        });
  }
  for (const each of found.filter(({ ballots }) => ballots === 0))
    for (const c of each.contests) smallest(groups.get(c) as Group[]).panels.push(...each.panels);
  return new Map([...groups].map(([c, each]) => [c, inOrder(each)]));
}

function total(panels: readonly number[], ballots: readonly number[]): number {
  return panels.reduce((sum, p) => sum + (ballots[p] as number), 0);
}

/** The classes of these panels, which ascend, in the order of their first panels. */
function classes(
  panels: readonly number[],
  listing: ReadonlyMap<number, readonly number[]>,
  kept: ReadonlySet<number>,
  ballots: readonly number[],
): Class[] {
  const found = new Map<string, Class>();
  for (const p of panels) {
    const contests = (listing.get(p) as readonly number[]).filter((c) => kept.has(c));
    if (contests.length === 0) continue;
    const known = found.get(contests.join());
    if (known === undefined)
      found.set(contests.join(), { contests, panels: [p], ballots: ballots[p] as number });
    else {
      known.panels.push(p);
      known.ballots += ballots[p] as number;
    }
  }
  return [...found.values()];
}

/** The group with the fewest ballots, of equals the one with the lowest first panel. */
function smallest(groups: readonly Group[]): Group {
  const first = (group: Group): number => group.panels.reduce((a, b) => Math.min(a, b));
  return groups.reduce((a, b) =>
    b.ballots < a.ballots || (b.ballots === a.ballots && first(b) < first(a)) ? b : a,
  );
}

function inOrder(groups: readonly Group[]): Atoms {
  return groups
    .map(({ panels }) => [...panels].sort((a, b) => a - b))
    .sort((a, b) => (a[0] as number) - (b[0] as number));
}
