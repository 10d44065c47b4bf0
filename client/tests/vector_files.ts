// The files of tests/vectors as their readers get them: references resolved, alterations made
// (tests/vectors/reading.py).

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join as path } from "node:path";
import { fileURLToPath } from "node:url";

import { encode, type Json } from "../src/core/canonical.ts";
import { fromHex, fromText, type Octets, toHex } from "../src/core/octets.ts";
import type { Given } from "./given.ts";

const ROOT = path(dirname(fileURLToPath(import.meta.url)), "..", "..", "tests", "vectors");

export interface Vector {
  readonly where: string;
  readonly given: Given;
  readonly expect: string;
  readonly check: string;
  readonly gives: Json;
}

/** The folders, each of which says what is done with its vectors. */
export function folders(): string[] {
  const all = readdirSync(ROOT, { withFileTypes: true });
  return all
    .filter((each) => each.isDirectory() && !each.name.startsWith("__") && each.name !== "facts")
    .map((each) => each.name);
}

export function vectorsIn(folder: string): Vector[] {
  return readdirSync(path(ROOT, folder)).map((name) => {
    const vector = JSON.parse(readFileSync(path(ROOT, folder, name), "utf8"));
    return {
      where: `${folder}/${name}`,
      given: given(vector.given),
      expect: vector.expect,
      check: vector.check ?? "",
      gives: vector.gives ?? null,
    };
  });
}

const shared = JSON.parse(readFileSync(path(ROOT, "vote.json"), "utf8")) as Record<string, string>;

type Any = any;

function resolve(value: Any): Any {
  if (typeof value === "string" && value.startsWith("@")) return shared[value.slice(1)];
  if (Array.isArray(value)) return value.map(resolve);
  if (value !== null && typeof value === "object" && "of" in value) return altered(resolve(value.of), value);
  return value;
}

function altered(base: string, how: Any): string {
  if ("set" in how || "drop" in how) {
    const document = JSON.parse(base);
    for (const [way, value] of Object.entries(how.set ?? {})) {
      const [holder, last] = walk(document, way);
      holder[last] = value;
    }
    for (const way of how.drop ?? []) {
      const [holder, last] = walk(document, way);
      if (Array.isArray(holder)) holder.splice(Number(last), 1);
      else delete holder[last];
    }
    return new TextDecoder().decode(encode(document as Json));
  }
  let raw = [...hex(base)];
  if ("at" in how) {
    const fresh = hex(how.bytes);
    raw.splice(how.at, fresh.length, ...fresh);
  }
  if ("cut" in how) raw = raw.slice(0, raw.length - how.cut);
  return toHex(Uint8Array.from([...raw, ...hex(how.append ?? "")]));
}

function walk(document: Any, way: string): [Any, string] {
  const steps = way.split("/");
  const last = steps.pop() as string;
  return [steps.reduce((holder, step) => holder[step], document), last];
}

function hex(text: string): Octets {
  const raw = fromHex(text);
  assert.ok(raw !== null, `not hex: ${text.slice(0, 40)}`);
  return raw;
}

function given(values: Record<string, Any>): Given {
  const value = (name: string): Any => resolve(values[name]);
  return {
    value,
    has: (name) => name in values,
    raw: (name) => hex(value(name)),
    raws: (name) => value(name).map(hex),
    document: (name) => fromText(value(name)),
  };
}

/** As JSON gives it back. */
export function comparable(value: Any): Json {
  return JSON.parse(JSON.stringify(value, (_, each) => (typeof each === "bigint" ? Number(each) : each)));
}
