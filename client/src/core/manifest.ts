// The manifest (docs/protocol.md 4.4): the definition with the election key and the ceremony hash. Twin of manifest.py.

import { decode, encode, Fields, type Json, type JsonObject } from "./canonical.ts";
import {
  type Contest,
  Definition,
  DEFINITION_FORMAT,
  MAX_PANELS,
  type Panel,
  type Previous,
  type Unit,
} from "./definition.ts";
import { Malformed } from "./errors.ts";
import { Point } from "./group.ts";
import { type Octets, toHex } from "./octets.ts";
import type { Question } from "./secret/encrypt.ts";
import { digest } from "./transcript.ts";

const MANIFEST_FORMAT = "tin-nhiem/manifest/1";
const SLIPS = ["printed", "mailed"];
const VISIBILITIES = ["subject", "heads", "unit", "public"];
const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const MOST = 2 ** 31 - 1;

export class Manifest {
  readonly definition: Definition;
  readonly electionKey: Point;
  readonly ceremony: Octets;
  #hash: Octets | null = null;

  constructor(definition: Definition, electionKey: Point, ceremony: Octets) {
    this.definition = definition;
    this.electionKey = electionKey;
    this.ceremony = ceremony;
  }

  encode(): Octets {
    return encode({
      format: MANIFEST_FORMAT,
      definition: this.definition.asJson(),
      election_key: toHex(this.electionKey.encode()),
      ceremony: toHex(this.ceremony),
    });
  }

  /** What sealing a ballot of this panel needs to know. */
  question(panel: number): Question {
    const { levels } = this.definition;
    const { contests } = this.definition.panel(panel);
    return { hash: this.hash, electionKey: this.electionKey, levels: levels.length, contests: contests.length };
  }

  /** M of 4.4, 32 bytes. */
  get hash(): Octets {
    this.#hash ??= digest("manifest", this.encode());
    return this.#hash;
  }
}

/** Parse strictly (4.1); consistency (4.2) is checked apart, by `Definition.check`. */
export function decodeManifest(raw: Octets): Manifest {
  const fields = new Fields(decode(raw, "4.1", "manifest"), "4.1", "manifest");
  format(fields, MANIFEST_FORMAT);
  const definition = readDefinition(fields.object("definition"));
  const key = Point.decode(fields.hex("election_key", 32), "4.1", "manifest.election_key");
  const manifest = new Manifest(definition, key, fields.hex("ceremony", 32));
  fields.done();
  return manifest;
}

export function decodeDefinition(raw: Octets): Definition {
  return readDefinition(new Fields(decode(raw, "4.1", "definition"), "4.1", "definition"));
}

function readDefinition(fields: Fields): Definition {
  format(fields, DEFINITION_FORMAT);
  const title = fields.object("title");
  const rule = fields.object("rule").mapping();
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
    rule,
    k: fields.integer("k", 3, 1000),
    revoting: fields.boolean("revoting"),
    subjectsVote: fields.boolean("subjects_vote"),
    slips: oneOf(fields, "slips", SLIPS),
    visibility: oneOf(fields, "visibility", VISIBILITIES),
    threshold: fields.integer("threshold", 2, 14),
    trustees: names(fields, "trustees", 3, 15),
    units: fields.objects("units", MAX_PANELS).map(readUnit),
    panels: fields.objects("panels", MAX_PANELS).map(readPanel),
    contests: fields.objects("contests", MAX_PANELS).map(readContest),
    boxKey: fields.hex("box_key", 32),
    software: fields.text("software", 100),
    clients: fields.objects("clients", 20).map(readClient),
  });
  title.done();
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
  return level !== null && typeof level === "object" && !Array.isArray(level) && typeof (level as JsonObject)["id"] === "string";
}

function readUnit(fields: Fields): Unit {
  const unit = {
    code: fields.text("code", 100),
    parent: fields.optionalText("parent", 100),
    name: fields.text("name", 300),
    kind: fields.text("kind", 100),
  };
  fields.done();
  return unit;
}

function readPanel(fields: Fields): Panel {
  const panel = {
    unit: fields.text("unit", 100),
    voters: fields.integer("voters", 1, MOST),
    roll: fields.hex("roll", 32),
    tokenKey: fields.hex("token_key", null),
    contests: fields.integers("contests", MAX_PANELS),
  };
  fields.done();
  return panel;
}

function readContest(fields: Fields): Contest {
  const previous = fields.optionalObject("previous");
  const contest = {
    person: fields.text("person", 100),
    name: fields.text("name", 300),
    unit: fields.text("unit", 100),
    titles: names(fields, "titles", 0, 20),
    panels: fields.integers("panels", MAX_PANELS),
    previous: previous === null ? null : readPrevious(previous),
  };
  fields.done();
  return contest;
}

function readPrevious(fields: Fields): Previous {
  const levels = fields.object("levels");
  const previous = {
    year: fields.integer("year", 1900, 9999),
    returned: fields.integer("returned", 0, MOST),
    summoned: fields.optionalInteger("summoned", 0, MOST),
    levels: Object.fromEntries(levels.names().map((name) => [name, levels.integer(name, 0, MOST)])),
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

export function format(fields: Fields, name: string): void {
  if (fields.text("format", 100) !== name) fields.refuse("format", `not ${name}`);
}

function oneOf(fields: Fields, name: string, words: readonly string[]): string {
  const word = fields.text(name, 30);
  if (!words.includes(word)) fields.refuse(name, `not one of ${words.join(", ")}`);
  return word;
}

function instant(fields: Fields, name: string): string {
  const text = fields.text(name, 20);
  if (!INSTANT.test(text) || !exists(text)) throw new Malformed("4.1", `${fields.where}.${name}`, "not YYYY-MM-DDThh:mm:ssZ, or no such moment");
  return text;
}

/** Whether a month has this day: engines make another day of 30 February, or none. The first year is 1. */
function exists(instant: string): boolean {
  const made = new Date(instant);
  return !instant.startsWith("0000") && !Number.isNaN(made.getTime()) && made.toISOString().slice(0, 10) === instant.slice(0, 10);
}

function names(fields: Fields, name: string, low: number, high: number): string[] {
  const found = fields.texts(name, high, 300);
  if (found.length < low) fields.refuse(name, `fewer than ${low}`);
  return found;
}
