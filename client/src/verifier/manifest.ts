// Definition and manifest (docs/protocol.md §4): the question, the rolls, the committee and its key, all under one hash.

import { type Bytes, orderOfTexts } from "./bytes.ts";
import { ascend, Field, moment } from "./fields.ts";
import { digest } from "./hashing.ts";
import { writeDocument } from "./json.ts";
import { hold } from "./refused.ts";
import { type Point, readPoint } from "./ristretto.ts";
import { type Figures, readRule, type Rule } from "./rule.ts";

export interface Unit {
  readonly code: string;
  readonly parent: string | null;
  readonly name: string;
}

export interface Panel {
  readonly unit: string;
  readonly voters: number;
  readonly roll: Bytes;
  readonly tokenKey: Bytes;
  readonly contests: readonly number[];
}

export interface Contest {
  readonly person: string;
  readonly name: string;
  readonly unit: string;
  readonly panels: readonly number[];
  readonly previous: Figures | null;
}

export interface Manifest {
  /** M, and its D. */
  readonly hash: Bytes;
  readonly definition: Bytes;
  readonly electionKey: Point;
  readonly electionKeyBytes: Bytes;
  /** X, as the manifest states it. */
  readonly ceremony: Bytes;
  readonly survey: string;
  readonly organisation: string;
  readonly number: string;
  readonly place: string;
  readonly year: number;
  readonly opens: string;
  readonly closes: string;
  readonly ruleField: Field;
  readonly k: number;
  readonly threshold: number;
  readonly trustees: readonly string[];
  readonly units: readonly Unit[];
  readonly panels: readonly Panel[];
  readonly contests: readonly Contest[];
  readonly boxKey: Bytes;
  readonly software: string;
  readonly clients: readonly string[];
  readonly title: { readonly vi: string; readonly en: string };
}

/** A manifest whose definition is consistent, with its rule. */
export interface Vote extends Manifest {
  readonly rule: Rule;
}

const MANY = 100_000;
const LARGEST = 2 ** 31 - 1;
/** The most characters of a code, a kind and other short texts, and of a name. */
const [CODE, NAME] = [100, 300] as const;

/** 4.1: form of manifest and definition. */
export function readManifest(raw: Bytes): Manifest {
  const top = Field.document(raw, "manifest").object("format", "definition", "election_key", "ceremony");
  top.format.is("tin-nhiem/manifest/1");
  const electionKeyBytes = top.election_key.hex(32);
  const it = top.definition.object(
    ...(["format", "survey", "title", "organisation", "number", "place", "year", "opens", "closes", "time_zone", "rule", "k"] as const),
    ...(["revoting", "subjects_vote", "slips", "visibility", "threshold", "trustees", "units", "panels", "contests", "box_key", "software", "clients"] as const),
  );
  it.format.is("tin-nhiem/definition/1");
  it.survey.hex(16);
  const { vi, en } = it.title.object("vi", "en");
  it.time_zone.text(1, 60);
  it.revoting.boolean();
  it.subjects_vote.boolean();
  it.slips.oneOf("printed", "mailed");
  it.visibility.oneOf("subject", "heads", "unit", "public");
  return {
    hash: digest("manifest", raw),
    definition: digest("definition", writeDocument(top.definition.value)),
    electionKeyBytes,
    electionKey: readPoint(electionKeyBytes, top.election_key.where),
    ceremony: top.ceremony.hex(32),
    survey: it.survey.value as string,
    title: { vi: vi.text(1, NAME), en: en.text(1, NAME) },
    organisation: it.organisation.text(1, NAME),
    number: it.number.text(0, CODE),
    place: it.place.text(0, NAME),
    year: it.year.integer(1900, 9999),
    opens: moment(it.opens),
    closes: moment(it.closes),
    ruleField: checkRuleIsNamed(it.rule),
    k: it.k.integer(3, 1000),
    threshold: it.threshold.integer(2, 14),
    trustees: it.trustees.list(3, 15).map((each) => each.text(1, NAME)),
    units: it.units.list(0, MANY).map(readUnit),
    panels: it.panels.list(0, MANY).map(readPanel),
    contests: it.contests.list(0, MANY).map(readContest),
    boxKey: it.box_key.hex(32),
    software: it.software.text(1, CODE),
    clients: it.clients.list(0, 20).map((each) => {
      const { name, sha256 } = each.object("name", "sha256");
      sha256.hex(32);
      return name.text(1, CODE);
    }),
  };
}

function readUnit(field: Field): Unit {
  const { code, parent, name, kind } = field.object("code", "parent", "name", "kind");
  kind.text(1, CODE);
  return { code: code.text(1, CODE), parent: parent.orNull((text) => text.text(1, CODE)), name: name.text(1, NAME) };
}

function readPanel(field: Field): Panel {
  const { unit, voters, roll, token_key, contests } = field.object("unit", "voters", "roll", "token_key", "contests");
  return { unit: unit.text(1, CODE), voters: voters.integer(1, LARGEST), roll: roll.hex(32), tokenKey: token_key.hex(), contests: readIndices(contests) };
}

function readIndices(field: Field): readonly number[] {
  return field.list(0, MANY).map((each) => each.integer(0));
}

function readContest(field: Field): Contest {
  const { person, name, unit, titles, panels, previous } = field.object("person", "name", "unit", "titles", "panels", "previous");
  for (const title of titles.list(0, 20)) title.text(1, NAME);
  return { person: person.text(1, CODE), name: name.text(1, NAME), unit: unit.text(1, CODE), panels: readIndices(panels), previous: previous.orNull(readPrevious) };
}

function readPrevious(field: Field): Figures {
  const { year, returned, summoned, levels } = field.object("year", "returned", "summoned", "levels");
  year.integer(1900, 9999);
  return {
    returned: returned.integer(0, LARGEST),
    summoned: summoned.orNull((n) => n.integer(0, LARGEST)),
    levels: Object.fromEntries(Object.entries(levels.table()).map(([level, n]) => [level, new Field(n, `${levels.where}.${level}`).integer(0, LARGEST)])),
  };
}

/** Of the rule 4.1 wants only a name and the ids of levels; whether it is well-formed is for 4.2. */
function checkRuleIsNamed(field: Field): Field {
  const rule = field.table();
  hold(typeof rule["name"] === "string", `${field.where}.name`, "is no text");
  for (const level of new Field(rule["levels"] ?? null, `${field.where}.levels`).list()) {
    hold(typeof level.table()["id"] === "string", `${level.where}.id`, "is no text");
  }
  return field;
}

const DEEPEST = 64;

/** 4.2: consistency. */
export function checkConsistency(manifest: Manifest): Vote {
  const { units, panels, contests, clients, threshold, trustees } = manifest;
  const where = "manifest.definition";
  const rule = readRule(manifest.ruleField);
  hold(manifest.opens < manifest.closes, `${where}.closes`, "is not after opens");
  hold(threshold < trustees.length, `${where}.threshold`, "is not below the number of trustees");
  ascend(units, (a, b) => orderOfTexts(a.code, b.code), `${where}.units`);
  ascend(panels, (a, b) => orderOfTexts(a.unit, b.unit), `${where}.panels`);
  ascend(contests, (a, b) => orderOfTexts(a.unit, b.unit) || orderOfTexts(a.person, b.person), `${where}.contests`);
  ascend(clients, orderOfTexts, `${where}.clients`);
  checkTree(units);
  const codes = new Set(units.map((unit) => unit.code));
  panels.forEach((panel, p) => {
    const here = `${where}.panels[${p}]`;
    hold(codes.has(panel.unit), here, "is of no unit");
    checkIndices(panel.contests, `${here}.contests`, 100);
    for (const c of panel.contests) hold(contests[c]?.panels.includes(p) === true, here, `lists contest ${c}, which does not list it`);
  });
  contests.forEach((contest, c) => {
    const here = `${where}.contests[${c}]`;
    hold(codes.has(contest.unit), here, "is of no unit");
    checkIndices(contest.panels, `${here}.panels`, MANY);
    if (contest.previous !== null) checkLevels(rule, contest.previous, `${here}.previous.levels`);
    for (const p of contest.panels) hold(panels[p]?.contests.includes(c) === true, here, `lists panel ${p}, which does not list it`);
  });
  return { ...manifest, rule };
}

function checkIndices(indices: readonly number[], where: string, most: number): void {
  hold(indices.length >= 1 && indices.length <= most, where, `has ${indices.length} entries`);
  ascend(indices, (a, b) => a - b, where);
}

function checkLevels(rule: Rule, { levels }: Figures, where: string): void {
  const known = rule.levels.every((level) => Object.hasOwn(levels, level)) && Object.keys(levels).length === rule.levels.length;
  hold(known, where, "are not the levels of the rule");
}

function checkTree(units: readonly Unit[]): void {
  const parents = new Map(units.map((unit) => [unit.code, unit.parent]));
  const where = "manifest.definition.units";
  hold(units.filter((unit) => unit.parent === null).length === 1, where, "have not exactly one root");
  units.forEach((unit, i) => {
    let depth = 1;
    for (let above = unit.parent; above !== null; above = parents.get(above) ?? null) {
      hold(parents.has(above), `${where}[${i}]`, "has a parent that is no unit");
      hold(++depth <= DEEPEST, `${where}[${i}]`, `is deeper than ${DEEPEST} levels`);
    }
  });
}
