// Canonical JSON (docs/protocol.md §3): RFC 8785 out, and strictly nothing else in. Twin of surveys/protocol/canonical.py.

import { Malformed } from "./errors.ts";
import { fromHex, fromText, type Octets, order, same } from "./octets.ts";

export const MAX_DEPTH = 32;
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** RFC 8785 bytes. Throws RangeError for floats, integers beyond ±(2^53 − 1), lone surrogates and deep nesting. */
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

/** Reads one object, field by field, and refuses what is left over. Every refusal names check and place. */
export class Fields {
  readonly check: string;
  readonly where: string;
  readonly #value: JsonObject;
  readonly #left: Set<string>;

  constructor(value: Json, check: string, where: string) {
    if (value === null || typeof value !== "object" || isList(value)) throw new Malformed(check, where, "not an object");
    this.check = check;
    this.where = where;
    this.#value = value;
    this.#left = new Set(Object.keys(value));
  }

  refuse(name: string, why: string): never {
    throw new Malformed(this.check, `${this.where}.${name}`, why);
  }

  #take(name: string): Json {
    if (!Object.hasOwn(this.#value, name)) this.refuse(name, "is missing");
    this.#left.delete(name);
    return this.#value[name] as Json;
  }

  /** No field is left over (3.2). */
  done(): void {
    // By code points, not by UTF-16 units: the refusal names the same field in every language.
    const [first] = [...this.#left].sort((a, b) => order(fromText(a), fromText(b)));
    if (first !== undefined) this.refuse(first, "is not a field of this object");
  }

  names(): string[] {
    return Object.keys(this.#value).sort();
  }

  /** The object itself, for a reader with rules of its own. */
  mapping(): JsonObject {
    this.#left.clear();
    return this.#value;
  }

  text(name: string, most: number, empty = false): string {
    return this.#text(name, this.#take(name), most, empty);
  }

  #text(name: string, value: Json, most: number, empty = false): string {
    if (typeof value !== "string") this.refuse(name, "not a text");
    const length = [...value].length;
    if (length > most || (length === 0 && !empty)) this.refuse(name, `not ${empty ? 0 : 1} to ${most} characters long`);
    if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) this.refuse(name, "holds a control character or a line break");
    if (value.normalize("NFC") !== value) this.refuse(name, "not in Unicode normal form C");
    return value;
  }

  optionalText(name: string, most: number): string | null {
    const value = this.#take(name);
    return value === null ? null : this.#text(name, value, most);
  }

  texts(name: string, most: number, length: number): string[] {
    return this.list(name, most).map((value, i) => this.#text(`${name}[${i}]`, value, length));
  }

  integer(name: string, low: number, high: number): number {
    return this.#integer(name, this.#take(name), low, high);
  }

  #integer(name: string, value: Json, low: number, high: number): number {
    if (typeof value !== "number") this.refuse(name, "not an integer");
    if (value < low || value > high) this.refuse(name, `not from ${low} to ${high}`);
    return value;
  }

  optionalInteger(name: string, low: number, high: number): number | null {
    const value = this.#take(name);
    return value === null ? null : this.#integer(name, value, low, high);
  }

  integers(name: string, most: number): number[] {
    return this.list(name, most).map((value, i) => this.#integer(`${name}[${i}]`, value, 0, MAX_INTEGER));
  }

  boolean(name: string): boolean {
    const value = this.#take(name);
    if (typeof value !== "boolean") this.refuse(name, "neither true nor false");
    return value;
  }

  /** Bytes in lowercase hex, `length` of them (any number for null). */
  hex(name: string, length: number | null): Octets {
    return this.#hex(name, this.#take(name), length);
  }

  #hex(name: string, value: Json, length: number | null): Octets {
    const raw = typeof value === "string" ? fromHex(value) : null;
    if (raw === null) this.refuse(name, "not lowercase hex");
    if (length !== null && raw.length !== length) this.refuse(name, `not ${length} bytes long`);
    return raw;
  }

  hexes(name: string, most: number, length: number): Octets[] {
    return this.list(name, most).map((value, i) => this.#hex(`${name}[${i}]`, value, length));
  }

  hexLists(name: string, length: number): Octets[][] {
    return this.#lists(name, (value, place) => this.#hex(place, value, length));
  }

  list(name: string, most: number): readonly Json[] {
    const value = this.#take(name);
    if (value === null || typeof value !== "object" || !isList(value)) this.refuse(name, "not a list");
    if (value.length > most) this.refuse(name, `longer than ${most}`);
    return value;
  }

  object(name: string): Fields {
    return this.#item(name, this.#take(name));
  }

  optionalObject(name: string): Fields | null {
    const value = this.#take(name);
    return value === null ? null : this.#item(name, value);
  }

  objects(name: string, most: number): Fields[] {
    return this.list(name, most).map((value, i) => this.#item(`${name}[${i}]`, value));
  }

  objectLists(name: string): Fields[][] {
    return this.#lists(name, (value, place) => this.#item(place, value));
  }

  #lists<T>(name: string, read: (value: Json, place: string) => T): T[][] {
    return this.list(name, MAX_INTEGER).map((items, i) => {
      if (items === null || typeof items !== "object" || !isList(items)) this.refuse(`${name}[${i}]`, "not a list");
      return items.map((item, j) => read(item, `${name}[${i}][${j}]`));
    });
  }

  #item(name: string, value: Json): Fields {
    return new Fields(value, this.check, `${this.where}.${name}`);
  }
}
