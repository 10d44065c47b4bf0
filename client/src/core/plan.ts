// The plan file: which atoms will be opened (docs/protocol.md §11). How they are chosen: atoms.ts. Twin of
// plan.py. Danger: a second plan over the same board, subtracted from the first, opens smaller groups; a
// trustee signs one only.

import { decode, encode, Fields, type Json } from "./canonical.ts";
import { type Definition, MAX_PANELS } from "./definition.ts";
import { Inconsistent, Malformed } from "./errors.ts";
import { format } from "./manifest.ts";
import { type Octets, toHex } from "./octets.ts";
import { digest } from "./transcript.ts";

const PLAN_FORMAT = "tin-nhiem/plan/2";

/** The panels of an atom, as ascending indices. */
export type Panels = readonly number[];

export class Plan {
  readonly manifest: Octets;
  readonly board: Octets;
  readonly size: number;
  readonly k: number;
  /** For each contest its atoms, or null where the result is withheld. */
  readonly contests: readonly (readonly Panels[] | null)[];
  private _digest: Octets | null = null;

  constructor(
    manifest: Octets,
    board: Octets,
    size: number,
    k: number,
    contests: readonly (readonly Panels[] | null)[],
  ) {
    this.manifest = manifest;
    this.board = board;
    this.size = size;
    this.k = k;
    this.contests = contests;
  }

  /** Canonical bytes of the plan file. */
  encode(): Octets {
    return encode({
      format: PLAN_FORMAT,
      manifest: toHex(this.manifest),
      board: toHex(this.board),
      size: this.size,
      k: this.k,
      contests: this.contests,
    });
  }

  /** P, 32 bytes. */
  get digest(): Octets {
    this._digest ??= digest("plan", this.encode());
    return this._digest;
  }

  /** (contest, panels) of every atom, in the order of the sums (12.1). */
  atoms(): (readonly [number, Panels])[] {
    return this.contests.flatMap((atoms, contest) =>
      (atoms ?? []).map((panels) => [contest, panels] as const),
    );
  }

  /** 11.2: of each contest disjoint, complete, each of at least k ballots. `ballots` counts by panel. */
  checkAtoms(definition: Definition, ballots: readonly number[]): void {
    const { contests, k } = definition.terms;
    const need = (holds: boolean, where: string, why: string): void => {
      if (!holds) throw new Inconsistent("11.2", where, why);
    };
    need(this.contests.length === contests.length, "plan.contests", "not one entry for each contest");
    // What is opened of a person: each panel that returned something, and the panels opened with it.
    const together = new Map<string, string>();
    contests.forEach((contest, c) => {
      const electorate = new Set(contest.panels);
      const seen = new Set<number>();
      const atoms = this.contests[c] ?? null;
      if (atoms === null) return;
      atoms.forEach((panels, i) => {
        const where = `plan.contests[${c}][${i}]`;
        const before = seen.size;
        for (const panel of panels) seen.add(panel);
        need(seen.size === before + panels.length, where, "overlaps another atom");
        need(
          panels.every((panel) => electorate.has(panel)),
          where,
          "has a panel outside the electorate",
        );
        need(returned(ballots, panels) >= k, where, `holds fewer than ${k} ballots`);
        const voted = panels.filter((panel) => (ballots[panel] as number) > 0).sort((a, b) => a - b);
        for (const panel of voted) {
          const place = `${panel} ${contest.person}`;
          const known = together.get(place) ?? voted.join();
          need(known === voted.join(), where, "cut otherwise than in another contest on the person");
          together.set(place, known);
        }
      });
      need(seen.size === electorate.size, `plan.contests[${c}]`, "leaves out a panel");
    });
  }
}

/** The ballots of an atom, out of those of each panel. */
export function returned(ballots: readonly number[], panels: Panels): number {
  return panels.reduce((total, panel) => total + (ballots[panel] as number), 0);
}

export function decodePlan(raw: Octets): Plan {
  const fields = new Fields(decode(raw, "11.1", "plan"), "11.1", "plan");
  format(fields, PLAN_FORMAT);
  const plan = new Plan(
    fields.hex("manifest", 32),
    fields.hex("board", 32),
    fields.integer("size", 0, 2 ** 31 - 1),
    fields.integer("k", 3, 1000),
    fields.list("contests", MAX_PANELS).map(readAtoms),
  );
  fields.done();
  return plan;
}

function readAtoms(atoms: Json, contest: number): readonly Panels[] | null {
  if (atoms === null) return null;
  const where = `plan.contests[${contest}]`;
  if (!Array.isArray(atoms)) throw new Malformed("11.1", where, "neither null nor a list of atoms");
  return atoms.map((panels: Json) => readAtom(panels, where));
}

function readAtom(panels: Json, where: string): Panels {
  if (!Array.isArray(panels) || panels.length === 0)
    throw new Malformed("11.1", where, "an atom is not a list of panels");
  return panels.map((panel: Json) => {
    if (typeof panel !== "number" || panel < 0 || panel >= MAX_PANELS) {
      throw new Malformed("11.1", where, "an atom holds what is not a panel index");
    }
    return panel;
  });
}
