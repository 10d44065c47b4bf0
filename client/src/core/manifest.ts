// The manifest (docs/protocol.md 4.4): the definition with the election key and the ceremony hash. Twin of
// manifest.py.

import { decode, encode, Fields, type Json, type JsonObject } from "./canonical.ts";
import {
  type Contest,
  DEFINITION_FORMAT,
  Definition,
  MAX_PANELS,
  MAX_PEOPLE,
  type Panel,
  type Previous,
  type Root,
  type Stationery,
  type Unit,
} from "./definition.ts";
import { Malformed } from "./errors.ts";
import { Point } from "./group.ts";
import { type Octets, toHex } from "./octets.ts";
import { digest } from "./transcript.ts";

const MANIFEST_FORMAT = "tin-nhiem/manifest/2";
const SLIPS = ["printed", "mailed"];
const VISIBILITIES = ["subject", "heads", "unit", "public"];
const LETTERHEADS = ["party", "state"];
const LANGUAGES = ["vi", "en"];
const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/** What sealing needs to know of a manifest: a worker is given no more. */
export interface Question {
  readonly hash: Octets;
  readonly electionKey: Point;
  readonly levels: number;
  readonly contests: number;
}

export class Manifest {
  readonly definition: Definition;
  readonly electionKey: Point;
  readonly ceremony: Octets;
  private _hash: Octets | null = null;

  constructor(definition: Definition, electionKey: Point, ceremony: Octets) {
    this.definition = definition;
    this.electionKey = electionKey;
    this.ceremony = ceremony;
  }

  encode(): Octets {
    return this._encode(this.definition.asJson());
  }

  private _encode(definition: JsonObject): Octets {
    return encode({
      format: MANIFEST_FORMAT,
      definition,
      election_key: toHex(this.electionKey.encode()),
      ceremony: toHex(this.ceremony),
    });
  }

  /** What sealing a ballot of this panel needs to know. */
  question(panel: number): Question {
    const { levels } = this.definition;
    const { contests } = this.definition.panel(panel);
    return {
      hash: this.hash,
      electionKey: this.electionKey,
      levels: levels.length,
      contests: contests.length,
    };
  }

  /** M of 4.4, 32 bytes. */
  get hash(): Octets {
    this._hash ??= digest("manifest", this._encode(this.definition.headJson()));
    return this._hash;
  }
}

/** Parse strictly (4.1); consistency (4.2) is checked apart, by `Definition.check`. */
export function decodeManifest(raw: Octets): Manifest {
  return readManifest(raw, readLists);
}

/** The head of a manifest (4.4) with those entries of its lists that `lists` holds. */
export function decodeHead(raw: Octets, lists: Lists): Manifest {
  return readManifest(raw, () => lists);
}

function readManifest(raw: Octets, lists: (fields: Fields) => Lists): Manifest {
  const fields = new Fields(decode(raw, "4.1", "manifest"), "4.1", "manifest");
  format(fields, MANIFEST_FORMAT);
  const definition = readDefinition(fields.object("definition"), lists);
  const key = Point.decode(fields.hex("election_key", 32), "4.1", "manifest.election_key");
  const manifest = new Manifest(definition, key, fields.hex("ceremony", 32));
  fields.done();
  return manifest;
}

export function decodeDefinition(raw: Octets): Definition {
  return readDefinition(new Fields(decode(raw, "4.1", "definition"), "4.1", "definition"), readLists);
}

/** The lists of a definition: whole, or sparse for who sees one panel. */
export interface Lists {
  readonly units: readonly Unit[];
  readonly panels: readonly Panel[];
  readonly contests: readonly Contest[];
}

function readLists(fields: Fields): Lists {
  const panels = fields.objects("panels", MAX_PANELS).map(readPanel);
  const contests = fields.objects("contests", MAX_PANELS).map(readContest);
  const listed: number[][] = contests.map(() => []);
  panels.forEach((panel, p) => {
    for (const c of panel.contests) listed[c]?.push(p);
  });
  return {
    units: fields.objects("units", MAX_PANELS).map(readUnit),
    panels,
    contests: contests.map((contest, c) => ({ ...contest, panels: listed[c] as number[] })),
  };
}

function readDefinition(fields: Fields, lists: (fields: Fields) => Lists): Definition {
  format(fields, DEFINITION_FORMAT);
  const title = fields.object("title");
  const rule = fields.object("rule").mapping();
  const roots = fields.object("roots");
  const definition = new Definition({
    survey: fields.hex("survey", 16),
    titleVi: title.text("vi", 300),
    titleEn: title.text("en", 300),
    organisation: fields.text("organisation", 300),
    number: fields.text("number", 100, true),
    place: fields.text("place", 300, true),
    year: fields.integer("year", 1900, 9999),
    opens: instant(fields, "opens"),
    closes: instant(fields, "closes"),
    timeZone: fields.text("time_zone", 60),
    utcOffset: fields.integer("utc_offset", -720, 840),
    lookUp: fields.integer("look_up", 0, 10_080),
    rule,
    k: fields.integer("k", 3, 1000),
    revoting: fields.boolean("revoting"),
    subjectsVote: fields.boolean("subjects_vote"),
    slips: oneOf(fields, "slips", SLIPS),
    visibility: oneOf(fields, "visibility", VISIBILITIES),
    threshold: fields.integer("threshold", 2, 14),
    trustees: names(fields, "trustees", 3, 15),
    ...lists(fields),
    voters: fields.integer("voters", 1, MAX_PEOPLE),
    roots: {
      units: readRoot(roots.object("units")),
      panels: readRoot(roots.object("panels")),
      contests: readRoot(roots.object("contests")),
    },
    boxKey: fields.hex("box_key", 32),
    software: fields.text("software", 100),
    clients: fields.objects("clients", 20).map(readClient),
    papers: fields.names().includes("papers") ? readPapers(fields.object("papers")) : null,
  });
  title.done();
  roots.done();
  fields.done();
  ruleHasLevels(rule, fields);
  return definition;
}

function ruleHasLevels(rule: JsonObject, fields: Fields): void {
  const levels = rule["levels"];
  const good = Array.isArray(levels) && levels.every(hasId);
  if (!good) fields.refuse("rule.levels", "not a list of levels with ids");
  if (typeof rule["name"] !== "string") fields.refuse("rule.name", "not a text");
}

function hasId(level: Json): boolean {
  return (
    level !== null &&
    typeof level === "object" &&
    !Array.isArray(level) &&
    typeof (level as JsonObject)["id"] === "string"
  );
}

function readRoot(fields: Fields): Root {
  const root = { size: fields.integer("size", 1, MAX_PANELS), root: fields.hex("root", 32) };
  fields.done();
  return root;
}

export function readUnit(fields: Fields): Unit {
  const unit = {
    code: fields.text("code", 100),
    parent: fields.optionalText("parent", 100),
    name: fields.text("name", 300),
    kind: fields.text("kind", 100),
  };
  fields.done();
  return unit;
}

export function readPanel(fields: Fields): Panel {
  const panel = {
    unit: fields.text("unit", 100),
    voters: fields.integer("voters", 1, MAX_PEOPLE),
    roll: fields.hex("roll", 32),
    tokenKey: fields.hex("token_key", null),
    contests: fields.integers("contests", MAX_PANELS),
    form: fields.hex("form", 32),
  };
  fields.done();
  return panel;
}

/** Its electorate is left empty: that follows from the panels. */
export function readContest(fields: Fields): Contest {
  const previous = fields.optionalObject("previous");
  const contest = {
    person: fields.text("person", 100),
    name: fields.text("name", 300),
    unit: fields.text("unit", 100),
    titles: names(fields, "titles", 0, 20),
    panels: [],
    previous: previous === null ? null : readPrevious(previous),
  };
  fields.done();
  return contest;
}

function readPrevious(fields: Fields): Previous {
  const levels = fields.object("levels");
  const previous = {
    year: fields.integer("year", 1900, 9999),
    returned: fields.integer("returned", 0, MAX_PEOPLE),
    summoned: fields.optionalInteger("summoned", 0, MAX_PEOPLE),
    levels: Object.fromEntries(levels.names().map((name) => [name, levels.integer(name, 0, MAX_PEOPLE)])),
  };
  levels.done();
  fields.done();
  return previous;
}

function readClient(fields: Fields): { name: string; sha256: Octets } {
  const client = { name: fields.text("name", 100), sha256: fields.hex("sha256", 32) };
  fields.done();
  return client;
}

function readPapers(fields: Fields): Stationery {
  const papers = {
    letterhead: oneOf(fields, "letterhead", LETTERHEADS),
    language: oneOf(fields, "language", LANGUAGES),
    issuedAt: fields.text("issued_at", 300, true),
    superior: fields.text("superior", 300, true),
    recipients: fields.texts("recipients", 20, 300),
  };
  fields.done();
  return papers;
}

export function format(fields: Fields, name: string): void {
  if (fields.text("format", 100) !== name) fields.refuse("format", `not ${name}`);
}

function oneOf(fields: Fields, name: string, words: readonly string[]): string {
  const word = fields.text(name, 30);
  if (!words.includes(word)) fields.refuse(name, `not one of ${words.join(", ")}`);
  return word;
}

/** A moment that exists, as YYYY-MM-DDThh:mm:ssZ. */
export function isInstant(text: string): boolean {
  return INSTANT.test(text) && exists(text);
}

function instant(fields: Fields, name: string): string {
  const text = fields.text(name, 20);
  if (!isInstant(text))
    throw new Malformed("4.1", `${fields.where}.${name}`, "not YYYY-MM-DDThh:mm:ssZ, or no such moment");
  return text;
}

/** Whether a month has this day: engines make another day of 30 February, or none. The first year is 1. */
function exists(instant: string): boolean {
  const made = new Date(instant);
  return (
    !instant.startsWith("0000") &&
    !Number.isNaN(made.getTime()) &&
    made.toISOString().slice(0, 10) === instant.slice(0, 10)
  );
}

function names(fields: Fields, name: string, low: number, high: number): string[] {
  const found = fields.texts(name, high, 300);
  if (found.length < low) fields.refuse(name, `fewer than ${low}`);
  return found;
}
