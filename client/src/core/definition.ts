// What is voted on, by whom, under which rule (docs/protocol.md 4.1-4.3). Twin of
// surveys/protocol/definition.py.

import { encode, type Json, type JsonObject } from "./canonical.ts";
import { Inconsistent } from "./errors.ts";
import { leafHash, rootOfHashes } from "./merkle.ts";
import { fromText, type Octets, order, same, toHex } from "./octets.ts";
import { digest } from "./transcript.ts";

export const DEFINITION_FORMAT = "tin-nhiem/definition/2";
export const MAX_PANELS = 100_000;
export const MAX_PEOPLE = 2 ** 31 - 1;
const MAX_CONTESTS_A_PANEL = 100;
const MAX_CONTESTS_A_PERSON = 100;
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
  /** The hash of 4.6. */
  readonly form: Octets;
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
  /** The electorate: the panels that list it (4.1). */
  readonly panels: readonly number[];
  readonly previous: Previous | null;
}

/** What binds one of the three lists (4.5). */
export interface Root {
  readonly size: number;
  readonly root: Octets;
}

/** How papers are headed, in which language, and to whom they go (4.1). */
export interface Stationery {
  readonly letterhead: string;
  readonly language: string;
  readonly issuedAt: string;
  readonly superior: string;
  readonly recipients: readonly string[];
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
  readonly utcOffset: number;
  readonly lookUp: number;
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
  /** Of all panels: from it the size of a look-up's bucket follows (15.5). */
  readonly voters: number;
  readonly roots: { readonly units: Root; readonly panels: Root; readonly contests: Root };
  readonly boxKey: Octets;
  readonly software: string;
  readonly clients: readonly { readonly name: string; readonly sha256: Octets }[];
  /** null where the definition says nothing of it. */
  readonly papers: Stationery | null;
}

export class Definition {
  readonly terms: Terms;
  private _digest: Octets | null = null;

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

  /** The head of 4.3: everything but the three lists, which its roots bind. */
  headJson(): JsonObject {
    const t = this.terms;
    const root = (each: Root): Json => ({ size: each.size, root: toHex(each.root) });
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
      utc_offset: t.utcOffset,
      look_up: t.lookUp,
      rule: t.rule,
      k: t.k,
      revoting: t.revoting,
      subjects_vote: t.subjectsVote,
      slips: t.slips,
      visibility: t.visibility,
      threshold: t.threshold,
      trustees: t.trustees,
      voters: t.voters,
      roots: {
        units: root(t.roots.units),
        panels: root(t.roots.panels),
        contests: root(t.roots.contests),
      },
      box_key: toHex(t.boxKey),
      software: t.software,
      clients: t.clients.map((client) => ({ name: client.name, sha256: toHex(client.sha256) })),
      ...(t.papers === null ? {} : { papers: papersJson(t.papers) }),
    };
  }

  asJson(): JsonObject {
    const t = this.terms;
    return {
      ...this.headJson(),
      units: t.units.map(unitJson),
      panels: t.panels.map(panelJson),
      contests: t.contests.map(contestJson),
    };
  }

  /** D of 4.3, 32 bytes. */
  get digest(): Octets {
    this._digest ??= digest("definition", encode(this.headJson()));
    return this._digest;
  }
}

/** Consistency by 4.2: no method, so that a page that checks none does not carry it. */
export function checkDefinition(definition: Definition): void {
  const { terms: t, levels } = definition;
  checkUnits(t.units);
  const codes = new Set(t.units.map((unit) => unit.code));
  ascending(
    t.panels.map((panel) => [panel.unit]),
    "panels",
  );
  ascending(
    t.contests.map((contest) => [contest.unit, contest.person]),
    "contests",
  );
  ascending(
    t.clients.map((client) => [client.name]),
    "clients",
  );
  t.panels.forEach((panel, i) => {
    const where = `panels[${i}]`;
    need(codes.has(panel.unit), `${where}.unit`, "no such unit");
    indices(panel.contests, t.contests.length, `${where}.contests`);
    need(panel.contests.length <= MAX_CONTESTS_A_PANEL, `${where}.contests`, "too many contests");
  });
  const persons = new Map<string, number>();
  t.contests.forEach((contest, i) => {
    const where = `contests[${i}]`;
    const many = (persons.get(contest.person) ?? 0) + 1;
    persons.set(contest.person, many);
    need(many <= MAX_CONTESTS_A_PERSON, where, "too many contests on one person");
    need(codes.has(contest.unit), `${where}.unit`, "no such unit");
    need(contest.panels.length > 0, where, "no panel lists it");
    if (contest.previous !== null) {
      const counted = Object.keys(contest.previous.levels).sort().join("\n");
      need(
        counted === [...levels].sort().join("\n"),
        `${where}.previous.levels`,
        "not the levels of the rule",
      );
    }
  });
  need(t.threshold >= 2 && t.threshold < t.trustees.length, "threshold", "not 2 <= t < n");
  need(levels.length >= 2 && levels.length <= MAX_LEVELS, "rule.levels", "not 2 to 5 levels");
  need(new Set(levels).size === levels.length, "rule.levels", "a level occurs twice");
  need(t.opens < t.closes, "closes", "not after opens");
  checkBound(t);
}

/** 4.5, 4.6: the roots and forms are those of the lists. */
function checkBound(t: Terms): void {
  const units = new Map(t.units.map((unit) => [unit.code, entryHash(unitJson(unit))]));
  const contests = t.contests.map((contest) => entryHash(contestJson(contest)));
  t.panels.forEach((panel, i) => {
    const seen = panel.contests.flatMap((c) => [
      contests[c] as Octets,
      units.get((t.contests[c] as Contest).unit) as Octets,
    ]);
    const right = formHash(units.get(panel.unit) as Octets, seen);
    need(same(panel.form, right), `panels[${i}].form`, "not the hash of what its voters see");
  });
  const voters = t.panels.reduce((sum, panel) => sum + panel.voters, 0);
  need(t.voters === voters, "voters", "not those of all panels");
  const panels = t.panels.map((panel) => entryHash(panelJson(panel)));
  for (const [name, hashes] of [
    ["units", [...units.values()]],
    ["panels", panels],
    ["contests", contests],
  ] as const) {
    const stated = t.roots[name];
    const holds = stated.size === hashes.length && same(stated.root, rootOfHashes(hashes));
    need(holds, `roots.${name}`, "not the root of this list");
  }
}

/** h(e) of 4.5. */
export function entryHash(entry: Json): Octets {
  return leafHash(encode(entry));
}

/** `form` of 4.6: of the panel's unit, then of each contest and its unit. */
export function formHash(unit: Octets, seen: readonly Octets[]): Octets {
  return digest("form", unit, ...seen);
}

function papersJson(papers: Stationery): JsonObject {
  const { letterhead, language, issuedAt, superior, recipients } = papers;
  return { letterhead, language, issued_at: issuedAt, superior, recipients };
}

export function unitJson(unit: Unit): Json {
  return { code: unit.code, parent: unit.parent, name: unit.name, kind: unit.kind };
}

export function panelJson(panel: Panel): Json {
  return {
    unit: panel.unit,
    voters: panel.voters,
    roll: toHex(panel.roll),
    token_key: toHex(panel.tokenKey),
    contests: panel.contests,
    form: toHex(panel.form),
  };
}

export function contestJson(contest: Contest): Json {
  const previous = contest.previous === null ? null : { ...contest.previous };
  return {
    person: contest.person,
    name: contest.name,
    unit: contest.unit,
    titles: contest.titles,
    previous,
  };
}

function checkUnits(units: readonly Unit[]): void {
  ascending(
    units.map((unit) => [unit.code]),
    "units",
  );
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
  numbers
    .slice(1)
    .forEach((number, i) => need((numbers[i] as number) < number, where, "out of order or repeated"));
  need(
    (numbers[0] as number) >= 0 && (numbers.at(-1) as number) < size,
    where,
    "an index that does not exist",
  );
}

function need(holds: boolean, where: string, why: string): void {
  if (!holds) throw new Inconsistent("4.2", `manifest.definition.${where}`, why);
}
