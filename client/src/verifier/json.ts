// Canonical JSON (docs/protocol.md §3, RFC 8785): a document is read only if writing it again gives the same bytes.
//
// Danger: two readers that see different values in the same bytes would count two different votes; so there is one form.

import { type Bytes, same, utf8 } from "./bytes.ts";
import { hold, refuse, Refused } from "./refused.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const DEEPEST = 32;

/** The value of a document. Throws Refused. */
export function readDocument(raw: Bytes, where: string): Json {
  let text: string;
  let value: Json;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
    value = JSON.parse(text) as Json;
  } catch {
    refuse(where, "is no JSON in UTF-8");
  }
  let again: string;
  try {
    again = written(value, 0);
  } catch (error) {
    // A document nested so deeply that it cannot be walked is refused like every other one that is too deep.
    throw error instanceof Refused ? new Refused(where, error.why) : new Refused(where, "is nested too deeply");
  }
  hold(again === text && same(utf8(again), raw), where, "is not written in its one form (RFC 8785)");
  return value;
}

/** JCS(v). Throws Refused for what no document may hold. */
export function writeDocument(value: Json): Bytes {
  return utf8(written(value, 0));
}

function written(value: Json, depth: number): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    hold(Number.isSafeInteger(value), "document", "holds a number that is no integer of at most 2^53 − 1");
    return String(value);
  }
  if (typeof value === "string") {
    hold(isUnicode(value), "document", "holds half a character");
    return JSON.stringify(value);
  }
  hold(depth < DEEPEST, "document", `holds more than ${DEEPEST} objects and lists inside one another`);
  if (isList(value)) return `[${value.map((each) => written(each, depth + 1)).join(",")}]`;
  // Names in the order of their UTF-16 units, which is how JavaScript compares texts.
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${written(name, DEEPEST)}:${written(value[name] as Json, depth + 1)}`).join(",")}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isUnicode(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}
