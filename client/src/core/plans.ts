// The atom plan that follows from a board (docs/protocol.md §11): each trustee recomputes it. Twin of surveys/committee/plans.py.

import { planAtoms } from "./atoms.ts";
import type { Panel } from "./definition.ts";
import type { Manifest } from "./manifest.ts";
import type { Octets } from "./octets.ts";
import { Plan } from "./plan.ts";

/** The one plan of this board: `board` is its root, `ballots` its number of ballots by panel. */
export function planFor(manifest: Manifest, board: Octets, ballots: readonly number[]): Plan {
  const { panels, contests, units, k } = manifest.definition.terms;
  const index = new Map(panels.map((panel, p) => [panel.unit, p]));
  const parents = new Map(units.map((unit) => [unit.code, unit.parent]));
  const planned = contests.map((contest) => {
    const cast = new Map(contest.panels.map((p) => [(panels[p] as Panel).unit, ballots[p] as number]));
    const atoms = planAtoms(cast, parents, k);
    if (atoms === null) return null;
    return atoms
      .map((atom) => atom.panels.map((unit) => index.get(unit) as number).sort((a, b) => a - b))
      .sort((a, b) => (a[0] as number) - (b[0] as number));
  });
  const size = ballots.reduce((total, number) => total + number, 0);
  return new Plan(manifest.hash, board, size, k, planned);
}
