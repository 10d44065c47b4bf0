// The atom plan that follows from a board (docs/protocol.md §11): each trustee recomputes it. Twin of
// surveys/committee/plans.py.

import type { Manifest } from "./manifest.ts";
import type { Octets } from "./octets.ts";
import { Plan } from "./plan.ts";
import { planRound } from "./together.ts";

/** The one plan of this board: `board` is its root, `ballots` its number of ballots by panel. */
export function planFor(manifest: Manifest, board: Octets, ballots: readonly number[]): Plan {
  const { panels, contests, units, k } = manifest.definition.terms;
  const parents = new Map(units.map((unit) => [unit.code, unit.parent]));
  const planned = planRound({ contests, units: panels.map((panel) => panel.unit), parents, k }, ballots);
  const size = ballots.reduce((total, number) => total + number, 0);
  return new Plan(manifest.hash, board, size, k, planned);
}
