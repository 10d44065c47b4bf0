// Definition and manifest (docs/protocol.md §4): the question, the rolls, the committee and its key, all
// under one hash.

import { type Bytes, orderOfTexts, same } from "./bytes.ts";
import { ascend, Field, moment } from "./fields.ts";
import { digest, prefixed, sha256, transcript } from "./hashing.ts";
import { type Json, writeDocument } from "./json.ts";
import { letterheadOf } from "./letterhead.ts";
import { leafHash, Tree } from "./merkle.ts";
import { hold, refuse } from "./refused.ts";
import { type Point, readPoint } from "./ristretto.ts";
import { type Figures, type Rule, readRule } from "./rule.ts";

/** An entry of a list, and its h of 4.5. */
interface Entry {
  readonly leaf: Bytes;
}

export interface Unit extends Entry {
  readonly code: string;
  readonly parent: string | null;
  readonly name: string;
}

export interface Panel extends Entry {
  readonly unit: string;
  readonly voters: number;
  readonly roll: Bytes;
  readonly tokenKey: Bytes;
  readonly contests: readonly number[];
  readonly form: Bytes;
}

export interface Contest extends Entry {
  readonly person: string;
  readonly name: string;
  readonly unit: string;
  /** The electorate: the panels that list it, ascending. A manifest may hold a million of them. */
  readonly panels: Uint32Array;
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
  readonly timeZone: string;
  /** Minutes ahead of UTC, for the text of the minutes. */
  readonly utcOffset: number;
  readonly lookUp: number;
  readonly ruleField: Field;
  readonly k: number;
  readonly threshold: number;
  readonly trustees: readonly string[];
  readonly units: readonly Unit[];
  readonly panels: readonly Panel[];
  readonly contests: readonly Contest[];
  readonly voters: number;
  readonly roots: Readonly<Record<"units" | "panels" | "contests", Root>>;
  readonly boxKey: Bytes;
  readonly software: string;
  readonly clients: readonly { readonly name: string; readonly sha256: string }[];
  readonly letterhead: "party" | "state";
  readonly title: { readonly vi: string; readonly en: string };
}

interface Root {
  readonly size: number;
  readonly root: Bytes;
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
  const whole = Field.document(raw, "manifest");
  const top = whole.object("format", "definition", "election_key", "ceremony");
  top.format.is("tin-nhiem/manifest/2");
  const electionKeyBytes = top.election_key.hex(32);
  const papers = Object.hasOwn(top.definition.table(), "papers");
  const it = top.definition.object(
    ...([
      "format",
      "survey",
      "title",
      "organisation",
      "number",
      "place",
      "year",
      "opens",
      "closes",
      "time_zone",
      "utc_offset",
      "look_up",
      "rule",
      "k",
    ] as const),
    ...([
      "revoting",
      "subjects_vote",
      "slips",
      "visibility",
      "threshold",
      "trustees",
      "units",
      "panels",
      "contests",
      "voters",
      "roots",
      "box_key",
      "software",
      "clients",
    ] as const),
    ...(papers ? (["papers"] as const) : []),
  );
  it.format.is("tin-nhiem/definition/2");
  it.survey.hex(16);
  const { vi, en } = it.title.object("vi", "en");
  it.revoting.boolean();
  it.subjects_vote.boolean();
  it.slips.oneOf("printed", "mailed");
  it.visibility.oneOf("subject", "heads", "unit", "public");
  const lists = ["units", "panels", "contests"];
  const head: Json = Object.fromEntries(
    Object.entries(top.definition.table()).filter(([name]) => !lists.includes(name)),
  );
  const panels = it.panels.list(0, MANY).map(readPanel);
  const roots = it.roots.object("units", "panels", "contests");
  return {
    hash: digest("manifest", writeDocument({ ...whole.table(), definition: head })),
    definition: digest("definition", writeDocument(head)),
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
    timeZone: it.time_zone.text(1, 60),
    utcOffset: it.utc_offset.integer(-720, 840),
    lookUp: it.look_up.integer(0, 10_080),
    ruleField: checkRuleIsNamed(it.rule),
    k: it.k.integer(3, 1000),
    threshold: it.threshold.integer(2, 14),
    trustees: it.trustees.list(3, 15).map((each) => each.text(1, NAME)),
    units: it.units.list(0, MANY).map(readUnit),
    panels,
    contests: withElectorates(it.contests.list(0, MANY).map(readContest), panels),
    voters: it.voters.integer(1, LARGEST),
    roots: {
      units: readRoot(roots.units),
      panels: readRoot(roots.panels),
      contests: readRoot(roots.contests),
    },
    boxKey: it.box_key.hex(32),
    software: it.software.text(1, CODE),
    letterhead: papers ? letterheadOf(it.papers) : "party",
    clients: it.clients.list(0, 20).map((each) => {
      const { name, sha256 } = each.object("name", "sha256");
      sha256.hex(32);
      return { name: name.text(1, CODE), sha256: sha256.value as string };
    }),
  };
}

function readRoot(field: Field): Root {
  const { size, root } = field.object("size", "root");
  return { size: size.integer(1, MANY), root: root.hex(32) };
}

function leafOf(field: Field): Bytes {
  return leafHash(writeDocument(field.value));
}

/** The contests with the panels that list them; an index that does not exist is for 4.2. */
function withElectorates(contests: readonly Contest[], panels: readonly Panel[]): readonly Contest[] {
  const sizes = new Uint32Array(contests.length);
  for (const { contests: listed } of panels)
    for (const c of listed) if (c < sizes.length) sizes[c] = (sizes[c] as number) + 1;
  const electorates = Array.from(sizes, (size) => new Uint32Array(size));
  const ends = new Uint32Array(contests.length);
  panels.forEach((panel, p) => {
    for (const c of panel.contests) {
      const electorate = electorates[c];
      const end = ends[c] as number;
      if (electorate !== undefined) electorate[end] = p;
      ends[c] = end + 1;
    }
  });
  return contests.map((contest, c) => ({ ...contest, panels: electorates[c] as Uint32Array }));
}

function readUnit(field: Field): Unit {
  const { code, parent, name, kind } = field.object("code", "parent", "name", "kind");
  kind.text(1, CODE);
  return {
    code: code.text(1, CODE),
    parent: parent.orNull((text) => text.text(1, CODE)),
    name: name.text(1, NAME),
    leaf: leafOf(field),
  };
}

function readPanel(field: Field): Panel {
  const { unit, voters, roll, token_key, contests, form } = field.object(
    "unit",
    "voters",
    "roll",
    "token_key",
    "contests",
    "form",
  );
  return {
    unit: unit.text(1, CODE),
    voters: voters.integer(1, LARGEST),
    roll: roll.hex(32),
    tokenKey: token_key.hex(),
    contests: readIndices(contests),
    form: form.hex(32),
    leaf: leafOf(field),
  };
}

function readIndices(field: Field): readonly number[] {
  return field.integers(0, MANY, 0);
}

/** Of a contest alone; its panels name it, not it them. */
const NOBODY = new Uint32Array(0);

function readContest(field: Field): Contest {
  const { person, name, unit, titles, previous } = field.object(
    "person",
    "name",
    "unit",
    "titles",
    "previous",
  );
  for (const title of titles.list(0, 20)) title.text(1, NAME);
  return {
    person: person.text(1, CODE),
    name: name.text(1, NAME),
    unit: unit.text(1, CODE),
    panels: NOBODY,
    leaf: leafOf(field),
    previous: previous.orNull(readPrevious),
  };
}

function readPrevious(field: Field): Figures {
  const { year, returned, summoned, levels } = field.object("year", "returned", "summoned", "levels");
  year.integer(1900, 9999);
  return {
    returned: returned.integer(0, LARGEST),
    summoned: summoned.orNull((n) => n.integer(0, LARGEST)),
    levels: Object.fromEntries(
      Object.keys(levels.table()).map((level) => [level, levels.at(level).integer(0, LARGEST)]),
    ),
  };
}

/** Of the rule 4.1 wants only a name and the ids of levels; whether it is well-formed is for 4.2. */
function checkRuleIsNamed(field: Field): Field {
  const rule = field.table();
  hold(typeof rule["name"] === "string", `${field.where}.name`, "is no text");
  for (const level of field.at("levels").list()) {
    hold(typeof level.table()["id"] === "string", `${level.where}.id`, "is no text");
  }
  return new Field(field.value, field.where); // not the whole document, which would stay in memory with it
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
  ascend(
    contests,
    (a, b) => orderOfTexts(a.unit, b.unit) || orderOfTexts(a.person, b.person),
    `${where}.contests`,
  );
  ascend(
    clients.map((client) => client.name),
    orderOfTexts,
    `${where}.clients`,
  );
  checkTree(units);
  const codes = new Set(units.map((unit) => unit.code));
  panels.forEach((panel, p) => {
    const here = `${where}.panels[${p}]`;
    hold(codes.has(panel.unit), here, "is of no unit");
    checkIndices(panel.contests, `${here}.contests`, 100);
    hold((panel.contests.at(-1) as number) < contests.length, here, "lists a contest that does not exist");
  });
  const ofPerson = new Map<string, number>();
  contests.forEach((contest, c) => {
    const many = (ofPerson.get(contest.person) ?? 0) + 1;
    ofPerson.set(contest.person, many);
    hold(many <= 100, `${where}.contests[${c}]`, "is the 101st on one person");
    const here = `${where}.contests[${c}]`;
    hold(codes.has(contest.unit), here, "is of no unit");
    hold(contest.panels.length > 0, here, "is listed by no panel");
    if (contest.previous !== null) checkLevels(rule, contest.previous, `${here}.previous.levels`);
  });
  checkForms(manifest);
  const voters = panels.reduce((sum, panel) => sum + panel.voters, 0);
  hold(manifest.voters === voters, `${where}.voters`, "is not the number of all panels together");
  for (const name of ["units", "panels", "contests"] as const) {
    const tree = new Tree();
    for (const { leaf } of manifest[name]) tree.addHash(leaf);
    const { size, root } = manifest.roots[name];
    hold(size === tree.size && same(root, tree.root()), `${where}.roots.${name}`, "is not of this list");
  }
  return { ...manifest, rule };
}

/** A head of less than 100 bytes, and two hashes with their lengths for each of a panel's contests. */
const MOST_OF_A_FORM = 100 + 100 * 72;

/** 4.6: each panel's hash is that of what its voters see. */
function checkForms({ units, panels, contests }: Manifest): void {
  const unit = new Map(units.map(({ code, leaf }) => [code, leaf]));
  // What a contest adds to the transcript of each panel that lists it; all are laid into one place in turn.
  const added = contests.map((contest) => prefixed(contest.leaf, unit.get(contest.unit) as Bytes));
  const place = new Uint8Array(MOST_OF_A_FORM);
  panels.forEach((panel, p) => {
    const head = transcript("form", unit.get(panel.unit) as Bytes);
    place.set(head);
    let end = head.length;
    for (const c of panel.contests) {
      place.set(added[c] as Bytes, end);
      end += (added[c] as Bytes).length;
    }
    if (!same(panel.form, sha256(place.subarray(0, end))))
      refuse(`manifest.definition.panels[${p}].form`, "is not the hash of its form");
  });
}

function checkIndices(indices: readonly number[], where: string, most: number): void {
  hold(indices.length >= 1 && indices.length <= most, where, `has ${indices.length} entries`);
  ascend(indices, (a, b) => a - b, where);
}

function checkLevels(rule: Rule, { levels }: Figures, where: string): void {
  const known =
    rule.levels.every((level) => Object.hasOwn(levels, level)) &&
    Object.keys(levels).length === rule.levels.length;
  hold(known, where, "are not the levels of the rule");
}

function checkTree(units: readonly Unit[]): void {
  const parents = new Map(units.map((unit) => [unit.code, unit.parent]));
  const where = "manifest.definition.units";
  hold(units.filter((unit) => unit.parent === null).length === 1, where, "have not exactly one root");
  const depths = new Map<string, number>();
  units.forEach((unit, i) => {
    const path: string[] = [];
    let at: string | null = unit.code;
    for (; at !== null && !depths.has(at); at = parents.get(at) ?? null) {
      hold(parents.has(at), `${where}[${i}]`, "has a parent that is no unit");
      path.push(at);
      hold(path.length <= DEEPEST, `${where}[${i}]`, `is deeper than ${DEEPEST} levels`);
    }
    let depth = at === null ? 0 : (depths.get(at) as number);
    for (const code of path.reverse()) {
      hold(++depth <= DEEPEST, `${where}[${i}]`, `is deeper than ${DEEPEST} levels`);
      depths.set(code, depth);
    }
  });
}
