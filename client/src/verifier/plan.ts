// Which sums may be opened (docs/protocol.md §11): the plan, computed anew from the manifest and the numbers of ballots.

import { type Bytes, hex, same } from "./bytes.ts";
import { Field } from "./fields.ts";
import { digest } from "./hashing.ts";
import { writeDocument } from "./json.ts";
import type { Contest, Vote } from "./manifest.ts";
import { hold } from "./refused.ts";

/** Panels' indices, ascending. */
export type Atom = readonly number[];

export interface Plan {
  readonly raw: Bytes;
  /** P. */
  readonly hash: Bytes;
  /** Null where a contest is withheld. */
  readonly contests: readonly (readonly Atom[] | null)[];
}

/** The form of the plan file: an entry for each contest, panels that exist. */
export function readPlan(raw: Bytes, vote: Vote): Plan {
  const { format, manifest, board, size, k, contests } = Field.document(raw, "plan").object("format", "manifest", "board", "size", "k", "contests");
  format.is("tin-nhiem/plan/1");
  manifest.hex(32);
  board.hex(32);
  size.integer(0, 2 ** 31 - 1);
  k.integer(3, 1000);
  const lists = contests.list(vote.contests.length, vote.contests.length);
  return {
    raw,
    hash: digest("plan", raw),
    contests: lists.map((contest) => contest.orNull((field) => field.list().map((atom) => readAtom(atom, vote.panels.length)))),
  };
}

function readAtom(field: Field, panels: number): Atom {
  return field.list(1).map((each) => each.integer(0, panels - 1));
}

/** 11.1: the plan is the one that the clause gives. */
export function checkPlan(plan: Plan, vote: Vote, board: { readonly root: Bytes; readonly size: number; readonly byPanel: readonly number[] }): void {
  const contests = planned(vote, board.byPanel);
  contests.forEach((atoms, c) => {
    const where = `plan.contests[${c}]`;
    hold(JSON.stringify(plan.contests[c]) === JSON.stringify(atoms), where, `is not ${atoms === null ? "withheld" : `cut into ${atoms.length} atoms as clause 11 cuts it`}`);
  });
  const whole = { format: "tin-nhiem/plan/1", manifest: hex(vote.hash), board: hex(board.root), size: board.size, k: vote.k, contests };
  hold(same(writeDocument(whole), plan.raw), "plan", "is of another manifest or board");
}

/** The atoms of each contest by 11.1; null where it is withheld. */
export function planned(vote: Vote, byPanel: readonly number[]): readonly (readonly Atom[] | null)[] {
  const children = new Map<string, string[]>();
  let root = "";
  for (const { code, parent } of vote.units) {
    if (parent === null) root = code;
    else children.set(parent, [...(children.get(parent) ?? []), code]);
  }
  const panelOf = new Map(vote.panels.map((panel, p) => [panel.unit, p]));
  return vote.contests.map((contest) => atomsOf(contest, byPanel, vote.k, { root, children, panelOf }));
}

interface Branch {
  readonly atoms: number[][];
  readonly left: readonly number[];
}

/** The tree of units: its root, children in the order of their codes, the panel of a unit. */
interface Tree {
  readonly root: string;
  readonly children: ReadonlyMap<string, readonly string[]>;
  readonly panelOf: ReadonlyMap<string, number>;
}

function atomsOf(contest: Contest, byPanel: readonly number[], k: number, { root, children, panelOf }: Tree): readonly Atom[] | null {
  const electorate = new Set(contest.panels);
  const ballots = (panels: readonly number[]): number => panels.reduce((sum, p) => sum + (byPanel[p] as number), 0);
  if (ballots(contest.panels) < k) return null;
  const climb = (unit: string): Branch => {
    const atoms: number[][] = [];
    const groups: (readonly number[])[] = [];
    const own = panelOf.get(unit);
    if (own !== undefined && electorate.has(own)) (ballots([own]) >= k ? atoms : (groups as number[][])).push([own]);
    for (const child of children.get(unit) ?? []) {
      const below = climb(child);
      atoms.push(...below.atoms);
      if (below.left.length > 0) groups.push(below.left);
    }
    let gathered: number[] = [];
    for (const group of groups) {
      gathered.push(...group);
      if (ballots(gathered) < k) continue;
      atoms.push(gathered);
      gathered = [];
    }
    if (gathered.length === 0 || atoms.length === 0) return { atoms, left: gathered };
    // Panels are in the order of their units' codes, so the lowest index is the lowest code.
    const smallest = atoms.reduce((a, b) => (ballots(b) - ballots(a) || Math.min(...b) - Math.min(...a)) < 0 ? b : a);
    smallest.push(...gathered);
    return { atoms, left: [] };
  };
  const atoms = climb(root).atoms.map((atom) => [...atom].sort((a, b) => a - b));
  return atoms.sort((a, b) => (a[0] as number) - (b[0] as number));
}

/** 11.2: disjoint, complete, at least k. */
export function checkAtoms(plan: Plan, vote: Vote, byPanel: readonly number[]): void {
  plan.contests.forEach((atoms, c) => {
    if (atoms === null) return;
    const where = `plan.contests[${c}]`;
    const all = atoms.flat().sort((a, b) => a - b);
    hold(new Set(all).size === all.length, where, "opens a panel in two atoms");
    hold(JSON.stringify(all) === JSON.stringify(vote.contests[c]?.panels), where, "leaves out a panel of the electorate, or opens another");
    atoms.forEach((atom, a) => {
      const ballots = atom.reduce((sum, p) => sum + (byPanel[p] as number), 0);
      hold(ballots >= vote.k, `${where}[${a}]`, `opens a sum of ${ballots} ballots`);
    });
  });
}
