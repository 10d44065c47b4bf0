// Canonical JSON (docs/protocol.md §3): RFC 8785 out, and strictly nothing else in. Twin of
// surveys/protocol/canonical.py.

import { Malformed } from "./errors.ts";
import { fromHex, fromText, type Octets, order, same } from "./octets.ts";

export const MAX_DEPTH = 32;
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * RFC 8785 bytes. Throws RangeError for floats, integers beyond ±(2^53 − 1), lone surrogates and deep
 * nesting.
 */
export function encode(value: Json): Octets {
  return fromText(write(value, 0));
}

function write(value: Json, depth: number): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new RangeError("not an integer of at most 2^53 - 1");
    return Object.is(value, -0) ? "0" : String(value);
  }
  if (depth >= MAX_DEPTH) throw new RangeError("nested too deep");
  if (isList(value)) return `[${value.map((item) => write(item, depth + 1)).join(",")}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${quoted(key)}:${write(value[key] as Json, depth + 1)}`).join(",")}}`;
}

function quoted(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new RangeError("a lone surrogate");
  return JSON.stringify(text);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value whose canonical encoding these bytes are. */
export function decode(raw: Octets, check: string, where: string): Json {
  if (tooMany(raw, 0x7b, 1000, 24) || tooMany(raw, 0x5b, 100_000, 6))
    throw new Malformed(check, where, "more arrays or objects than a document of its size has");
  let value: Json;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw)) as Json;
  } catch {
    throw new Malformed(check, where, "not JSON in UTF-8");
  }
  let again: Octets;
  try {
    again = encode(value);
  } catch (error) {
    throw new Malformed(check, where, error instanceof RangeError ? error.message : "not canonical");
  }
  // Also what catches a key that occurs twice, 1.0, and an integer that lost digits.
  if (!same(again, raw)) throw new Malformed(check, where, "not in canonical form (RFC 8785)");
  return value;
}

/** 3.3: more of this byte than `free` and one for each `share` bytes. */
function tooMany(raw: Octets, byte: number, free: number, share: number): boolean {
  let found = 0;
  for (let at = raw.indexOf(byte); at !== -1; at = raw.indexOf(byte, at + 1)) found += 1;
  return found > free + Math.floor(raw.length / share);
}

/** What no text holds (1.4): fixed ranges, which follow no version of Unicode. */
const REFUSED = new RegExp(
  `[\\0-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff\\ufdd0-\\ufdef${Array.from(
    { length: 17 },
    (_, plane) => `\\u{${plane.toString(16)}fffe}\\u{${plane.toString(16)}ffff}`,
  ).join("")}]`,
  "u",
);

/** Reads one object, field by field, and refuses what is left over. Every refusal names check and place. */
export class Fields {
  readonly check: string;
  readonly where: string;
  private readonly _value: JsonObject;
  private readonly _left: Set<string>;

  constructor(value: Json, check: string, where: string) {
    if (value === null || typeof value !== "object" || isList(value))
      throw new Malformed(check, where, "not an object");
    this.check = check;
    this.where = where;
    this._value = value;
    this._left = new Set(Object.keys(value));
  }

  refuse(name: string, why: string): never {
    throw new Malformed(this.check, `${this.where}.${name}`, why);
  }

  private _take(name: string): Json {
    if (!this._left.has(name)) this.refuse(name, "is missing");
    this._left.delete(name);
    return this._value[name] as Json;
  }

  /** No field is left over (3.2). */
  done(): void {
    // By code points, not by UTF-16 units: the refusal names the same field in every language.
    const [first] = [...this._left].sort((a, b) => order(fromText(a), fromText(b)));
    if (first !== undefined) this.refuse(first, "is not a field of this object");
  }

  names(): string[] {
    return Object.keys(this._value).sort();
  }

  /** The object itself, for a reader with rules of its own. */
  mapping(): JsonObject {
    this._left.clear();
    return this._value;
  }

  text(name: string, most: number, empty = false): string {
    return this._text(name, this._take(name), most, empty);
  }

  private _text(name: string, value: Json, most: number, empty = false): string {
    if (typeof value !== "string") this.refuse(name, "not a text");
    const length = [...value].length;
    if (length > most || (length === 0 && !empty))
      this.refuse(name, `not ${empty ? 0 : 1} to ${most} characters long`);
    if (REFUSED.test(value))
      this.refuse(name, "holds a control character, a line break or a mark that reorders");
    return value;
  }

  optionalText(name: string, most: number): string | null {
    const value = this._take(name);
    return value === null ? null : this._text(name, value, most);
  }

  texts(name: string, most: number, length: number): string[] {
    return this.list(name, most).map((value, i) => this._text(`${name}[${i}]`, value, length));
  }

  integer(name: string, low: number, high: number): number {
    return this._integer(name, this._take(name), low, high);
  }

  private _integer(name: string, value: Json, low: number, high: number): number {
    if (typeof value !== "number") this.refuse(name, "not an integer");
    if (value < low || value > high) this.refuse(name, `not from ${low} to ${high}`);
    return value;
  }

  optionalInteger(name: string, low: number, high: number): number | null {
    const value = this._take(name);
    return value === null ? null : this._integer(name, value, low, high);
  }

  integers(name: string, most: number): number[] {
    return this.list(name, most).map((value, i) => this._integer(`${name}[${i}]`, value, 0, MAX_INTEGER));
  }

  boolean(name: string): boolean {
    const value = this._take(name);
    if (typeof value !== "boolean") this.refuse(name, "neither true nor false");
    return value;
  }

  /** Bytes in lowercase hex, `length` of them (any number for null). */
  hex(name: string, length: number | null): Octets {
    return this._hex(name, this._take(name), length);
  }

  private _hex(name: string, value: Json, length: number | null): Octets {
    const raw = typeof value === "string" ? fromHex(value) : null;
    if (raw === null) this.refuse(name, "not lowercase hex");
    if (length !== null && raw.length !== length) this.refuse(name, `not ${length} bytes long`);
    return raw;
  }

  hexes(name: string, most: number, length: number): Octets[] {
    return this.list(name, most).map((value, i) => this._hex(`${name}[${i}]`, value, length));
  }

  hexLists(name: string, length: number): Octets[][] {
    return this._lists(name, (value, place) => this._hex(place, value, length));
  }

  list(name: string, most: number): readonly Json[] {
    const value = this._take(name);
    if (value === null || typeof value !== "object" || !isList(value)) this.refuse(name, "not a list");
    if (value.length > most) this.refuse(name, `longer than ${most}`);
    return value;
  }

  object(name: string): Fields {
    return this._item(name, this._take(name));
  }

  optionalObject(name: string): Fields | null {
    const value = this._take(name);
    return value === null ? null : this._item(name, value);
  }

  objects(name: string, most: number): Fields[] {
    return this.list(name, most).map((value, i) => this._item(`${name}[${i}]`, value));
  }

  objectLists(name: string): Fields[][] {
    return this._lists(name, (value, place) => this._item(place, value));
  }

  private _lists<T>(name: string, read: (value: Json, place: string) => T): T[][] {
    return this.list(name, MAX_INTEGER).map((items, i) => {
      if (items === null || typeof items !== "object" || !isList(items))
        this.refuse(`${name}[${i}]`, "not a list");
      return items.map((item, j) => read(item, `${name}[${i}][${j}]`));
    });
  }

  private _item(name: string, value: Json): Fields {
    return new Fields(value, this.check, `${this.where}.${name}`);
  }
}
