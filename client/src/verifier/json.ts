// Canonical JSON (docs/protocol.md §3, RFC 8785): a document is read only if writing it again would give the
// same bytes.
//
// Danger: two readers that see different values in the same bytes would count two different votes; so there
// is one form.

import { type Bytes, utf8 } from "./bytes.ts";
import { checkForm, DEEPEST } from "./json_form.ts";
import { hold, refuse } from "./refused.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The value of a document. Throws Refused. */
export function readDocument(raw: Bytes, where: string): Json {
  // 3.3, before anything is parsed.
  const few =
    count(raw, 0x7b) <= 1000 + Math.floor(raw.length / 24) &&
    count(raw, 0x5b) <= 100_000 + Math.floor(raw.length / 6);
  hold(few, where, "holds more objects or lists than a document of its size");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    refuse(where, "is not UTF-8");
  }
  checkForm(raw, where);
  return JSON.parse(text) as Json;
}

function count(raw: Bytes, byte: number): number {
  let found = 0;
  for (let at = raw.indexOf(byte); at >= 0; at = raw.indexOf(byte, at + 1)) found++;
  return found;
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
  // Numbers alone are written as every writer does; a manifest may hold a million.
  if (isList(value) && value.every(Number.isSafeInteger)) return JSON.stringify(value);
  if (isList(value)) return `[${value.map((each) => written(each, depth + 1)).join(",")}]`;
  let text = "";
  for (const name of inOrder(Object.keys(value)))
    text += `${text === "" ? "" : ","}${written(name, DEEPEST)}:${written(value[name] as Json, depth + 1)}`;
  return `{${text}}`;
}

/** Names in the order of their UTF-16 units, which is how JavaScript compares texts: mostly they are so. */
function inOrder(names: string[]): readonly string[] {
  return names.every((name, i) => i === 0 || (names[i - 1] as string) < name) ? names : names.sort();
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isUnicode(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}
