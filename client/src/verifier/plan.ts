// Which sums may be opened (docs/protocol.md §11): the plan, computed anew from the manifest and the numbers
// of ballots.

import { type Atom, planned } from "./atoms.ts";
import { type Bytes, hex, same } from "./bytes.ts";
import { Field } from "./fields.ts";
import { digest } from "./hashing.ts";
import { writeDocument } from "./json.ts";
import type { Contest, Vote } from "./manifest.ts";
import { hold } from "./refused.ts";

export interface Plan {
  readonly raw: Bytes;
  /** P. */
  readonly hash: Bytes;
  /** Null where a contest is withheld. */
  readonly contests: readonly (readonly Atom[] | null)[];
}

/** The form of the plan file: an entry for each contest, panels that exist. */
export function readPlan(raw: Bytes, vote: Vote): Plan {
  const { format, manifest, board, size, k, contests } = Field.document(raw, "plan").object(
    "format",
    "manifest",
    "board",
    "size",
    "k",
    "contests",
  );
  format.is("tin-nhiem/plan/2");
  manifest.hex(32);
  board.hex(32);
  size.integer(0, 2 ** 31 - 1);
  k.integer(3, 1000);
  const lists = contests.list(vote.contests.length, vote.contests.length);
  return {
    raw,
    hash: digest("plan", raw),
    contests: lists.map((contest) =>
      contest.orNull((field) => field.list().map((atom) => readAtom(atom, vote.panels.length))),
    ),
  };
}

function readAtom(field: Field, panels: number): Atom {
  return field.integers(1, Infinity, 0, panels - 1);
}

/** 11.1: the plan is the one that the clause gives. */
export function checkPlan(
  plan: Plan,
  vote: Vote,
  board: { readonly root: Bytes; readonly size: number; readonly byPanel: readonly number[] },
): void {
  let open = 0;
  for (const [c, atoms] of planned(vote, board.byPanel)) {
    const where = `plan.contests[${c}]`;
    const right = JSON.stringify(plan.contests[c]) === JSON.stringify(atoms);
    hold(right, where, `is not cut into ${atoms.length} atoms as clause 11 cuts it`);
    open++;
  }
  const said = plan.contests.filter((atoms) => atoms !== null).length;
  hold(said === open, "plan.contests", "opens a contest that clause 11 withholds");
  const whole = {
    format: "tin-nhiem/plan/2",
    manifest: hex(vote.hash),
    board: hex(board.root),
    size: board.size,
    k: vote.k,
    contests: plan.contests,
  };
  hold(same(writeDocument(whole), plan.raw), "plan", "is of another manifest or board");
}

/**
 * 11.2: in each contest disjoint, complete, at least k; and of the atoms of one person, without panels that
 * returned nothing, any two equal or disjoint.
 */
export function checkAtoms(plan: Plan, vote: Vote, byPanel: readonly number[]): void {
  const ofPerson = new Map<string, Map<number, string>>();
  plan.contests.forEach((atoms, c) => {
    if (atoms === null) return;
    const where = `plan.contests[${c}]`;
    const contest = vote.contests[c] as Contest;
    const all = atoms.flat().sort((a, b) => a - b);
    hold(new Set(all).size === all.length, where, "opens a panel in two atoms");
    hold(
      all.length === contest.panels.length && all.every((p, i) => p === contest.panels[i]),
      where,
      "leaves out a panel of the electorate, or opens another",
    );
    const together = ofPerson.get(contest.person) ?? new Map<number, string>();
    ofPerson.set(contest.person, together);
    atoms.forEach((atom, a) => {
      const voted = atom.filter((p) => (byPanel[p] as number) > 0);
      const ballots = voted.reduce((sum, p) => sum + (byPanel[p] as number), 0);
      hold(ballots >= vote.k, `${where}[${a}]`, `opens a sum of ${ballots} ballots`);
      const name = voted.join();
      for (const p of voted) {
        const known = together.get(p) ?? name;
        hold(known === name, `${where}[${a}]`, "is cut otherwise than in another contest on the same person");
        together.set(p, name);
      }
    });
  });
}
