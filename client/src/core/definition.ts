// What is voted on, by whom, under which rule (docs/protocol.md 4.1-4.3). Twin of surveys/protocol/definition.py.

import { encode, type Json, type JsonObject } from "./canonical.ts";
import { Inconsistent } from "./errors.ts";
import { fromText, type Octets, order, toHex } from "./octets.ts";
import { digest } from "./transcript.ts";

export const DEFINITION_FORMAT = "tin-nhiem/definition/1";
export const MAX_PANELS = 100_000;
const MAX_CONTESTS_A_PANEL = 100;
const MAX_LEVELS = 5;
const MAX_DEPTH = 64;

export interface Unit {
  readonly code: string;
  readonly parent: string | null;
  readonly name: string;
  readonly kind: string;
}

export interface Panel {
  readonly unit: string;
  readonly voters: number;
  readonly roll: Octets;
  readonly tokenKey: Octets;
  readonly contests: readonly number[];
}

export interface Previous {
  readonly year: number;
  readonly returned: number;
  readonly summoned: number | null;
  readonly levels: Readonly<Record<string, number>>;
}

export interface Contest {
  readonly person: string;
  readonly name: string;
  readonly unit: string;
  readonly titles: readonly string[];
  readonly panels: readonly number[];
  readonly previous: Previous | null;
}

export interface Terms {
  readonly survey: Octets;
  readonly titleVi: string;
  readonly titleEn: string;
  readonly organisation: string;
  readonly number: string;
  readonly place: string;
  readonly year: number;
  readonly opens: string;
  readonly closes: string;
  readonly timeZone: string;
  readonly rule: JsonObject;
  readonly k: number;
  readonly revoting: boolean;
  readonly subjectsVote: boolean;
  readonly slips: string;
  readonly visibility: string;
  readonly threshold: number;
  readonly trustees: readonly string[];
  readonly units: readonly Unit[];
  readonly panels: readonly Panel[];
  readonly contests: readonly Contest[];
  readonly boxKey: Octets;
  readonly software: string;
  readonly clients: readonly { readonly name: string; readonly sha256: Octets }[];
}

export class Definition {
  readonly terms: Terms;
  #digest: Octets | null = null;

  constructor(terms: Terms) {
    this.terms = terms;
  }

  /** The level ids in the rule's order; the reader has made sure that they are there. */
  get levels(): string[] {
    return (this.terms.rule["levels"] as readonly JsonObject[]).map((level) => level["id"] as string);
  }

  panel(index: number): Panel {
    const panel = this.terms.panels[index];
    if (panel === undefined) throw new RangeError("no such panel");
    return panel;
  }

  asJson(): JsonObject {
    const t = this.terms;
    return {
      format: DEFINITION_FORMAT,
      survey: toHex(t.survey),
      title: { vi: t.titleVi, en: t.titleEn },
      organisation: t.organisation,
      number: t.number,
      place: t.place,
      year: t.year,
      opens: t.opens,
      closes: t.closes,
      time_zone: t.timeZone,
      rule: t.rule,
      k: t.k,
      revoting: t.revoting,
      subjects_vote: t.subjectsVote,
      slips: t.slips,
      visibility: t.visibility,
      threshold: t.threshold,
      trustees: t.trustees,
      units: t.units.map((unit) => ({ ...unit })),
      panels: t.panels.map(panelJson),
      contests: t.contests.map(contestJson),
      box_key: toHex(t.boxKey),
      software: t.software,
      clients: t.clients.map((client) => ({ name: client.name, sha256: toHex(client.sha256) })),
    };
  }

  /** D of 4.3, 32 bytes. */
  get digest(): Octets {
    this.#digest ??= digest("definition", encode(this.asJson()));
    return this.#digest;
  }

  /** Consistency by 4.2. */
  check(): void {
    const t = this.terms;
    checkUnits(t.units);
    const codes = new Set(t.units.map((unit) => unit.code));
    ascending(t.panels.map((panel) => [panel.unit]), "panels");
    ascending(t.contests.map((contest) => [contest.unit, contest.person]), "contests");
    ascending(t.clients.map((client) => [client.name]), "clients");
    t.panels.forEach((panel, i) => {
      const where = `panels[${i}]`;
      need(codes.has(panel.unit), `${where}.unit`, "no such unit");
      indices(panel.contests, t.contests.length, `${where}.contests`);
      need(panel.contests.length <= MAX_CONTESTS_A_PANEL, `${where}.contests`, "too many contests");
      const known = panel.contests.every((c) => t.contests[c]?.panels.includes(i));
      need(known, `${where}.contests`, "a contest does not list this panel");
    });
    t.contests.forEach((contest, i) => {
      const where = `contests[${i}]`;
      need(codes.has(contest.unit), `${where}.unit`, "no such unit");
      indices(contest.panels, t.panels.length, `${where}.panels`);
      const known = contest.panels.every((p) => t.panels[p]?.contests.includes(i));
      need(known, `${where}.panels`, "a panel does not list this contest");
      if (contest.previous !== null) {
        const counted = Object.keys(contest.previous.levels).sort().join("\n");
        need(counted === this.levels.sort().join("\n"), `${where}.previous.levels`, "not the levels of the rule");
      }
    });
    need(t.threshold >= 2 && t.threshold < t.trustees.length, "threshold", "not 2 <= t < n");
    need(this.levels.length >= 2 && this.levels.length <= MAX_LEVELS, "rule.levels", "not 2 to 5 levels");
    need(new Set(this.levels).size === this.levels.length, "rule.levels", "a level occurs twice");
    need(t.opens < t.closes, "closes", "not after opens");
  }
}

function panelJson(panel: Panel): Json {
  return {
    unit: panel.unit,
    voters: panel.voters,
    roll: toHex(panel.roll),
    token_key: toHex(panel.tokenKey),
    contests: panel.contests,
  };
}

function contestJson(contest: Contest): Json {
  const previous = contest.previous === null ? null : { ...contest.previous };
  return {
    person: contest.person,
    name: contest.name,
    unit: contest.unit,
    titles: contest.titles,
    panels: contest.panels,
    previous,
  };
}

function checkUnits(units: readonly Unit[]): void {
  ascending(units.map((unit) => [unit.code]), "units");
  const parents = new Map(units.map((unit) => [unit.code, unit.parent]));
  need(units.filter((unit) => unit.parent === null).length === 1, "units", "not exactly one root");
  const depth = new Map<string | null, number>([[null, 0]]);
  for (const code of parents.keys()) {
    const path: string[] = [];
    let at: string | null = code;
    while (at !== null && !depth.has(at)) {
      need(parents.has(at), "units", `unit ${path.at(-1) ?? code} has an unknown parent`);
      need(path.length <= MAX_DEPTH, "units", `unit ${code} is not under the root, or too deep`);
      path.push(at);
      at = parents.get(at) ?? null;
    }
    let step = depth.get(at) ?? 0;
    for (const below of path.reverse()) {
      step += 1;
      need(step <= MAX_DEPTH, "units", `unit ${below} is deeper than ${MAX_DEPTH} levels`);
      depth.set(below, step);
    }
  }
}

/** Strictly ascending, compared part by part as UTF-8 bytes. */
function ascending(keys: readonly (readonly string[])[], where: string): void {
  const encoded = keys.map((parts) => parts.map(fromText));
  encoded.slice(1).forEach((key, i) => {
    const before = encoded[i] as Octets[];
    const first = key.findIndex((part, j) => order(before[j] as Octets, part) !== 0);
    const good = first !== -1 && order(before[first] as Octets, key[first] as Octets) < 0;
    need(good, `${where}[${i + 1}]`, "out of order or repeated");
  });
}

function indices(numbers: readonly number[], size: number, where: string): void {
  need(numbers.length > 0, where, "empty");
  numbers.slice(1).forEach((number, i) => need((numbers[i] as number) < number, where, "out of order or repeated"));
  need((numbers[0] as number) >= 0 && (numbers.at(-1) as number) < size, where, "an index that does not exist");
}

function need(holds: boolean, where: string, why: string): void {
  if (!holds) throw new Inconsistent("4.2", `manifest.definition.${where}`, why);
}
