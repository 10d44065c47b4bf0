// The vectors of tests/vectors, read by the TypeScript core: the same files and verdicts as in Python (tests/vectors/reading.py).

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join as path } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { decode, encode, type Json } from "../src/core/canonical.ts";
import { Rejected } from "../src/core/errors.ts";
import { fromHex, fromText, type Octets, toHex } from "../src/core/octets.ts";
import type { Given } from "./given.ts";
import { READERS } from "./readers.ts";

const ROOT = path(dirname(fileURLToPath(import.meta.url)), "..", "..", "tests", "vectors");

// The registrar's own step, with the private token key: never in a browser.
const NOT_HERE = new Set(["7.3-blind-sign"]);

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

function comparable(value: Any): Json {
  return JSON.parse(JSON.stringify(value, (_, each) => (typeof each === "bigint" ? Number(each) : each)));
}

for (const folder of readdirSync(ROOT, { withFileTypes: true })) {
  if (!folder.isDirectory() || folder.name.startsWith("__") || folder.name === "facts") continue;
  if (NOT_HERE.has(folder.name)) continue;
  test(folder.name, () => {
    const read = READERS[folder.name];
    assert.ok(read !== undefined, `no reader for ${folder.name}`);
    for (const name of readdirSync(path(ROOT, folder.name))) {
      const vector = JSON.parse(readFileSync(path(ROOT, folder.name, name), "utf8"));
      const where = `${folder.name}/${name}`;
      const run = (): Any => read(given(vector.given));
      if (vector.expect === "ok") assert.deepEqual(comparable(run()), comparable(vector.gives), where);
      else
        assert.throws(run, (error: unknown) => {
          if (vector.expect === "ValueError") return assert.ok(error instanceof RangeError, `${where}: ${error}`) ?? true;
          assert.ok(error instanceof Rejected, `${where}: ${error}`);
          assert.deepEqual([error.constructor.name, error.check], [vector.expect, vector.check], where);
          return true;
        }, where);
    }
  });
}

test("what is not done here is named exactly", () => {
  for (const name of NOT_HERE) {
    assert.ok(readdirSync(ROOT).includes(name), name);
    assert.ok(!(name in READERS), `${name} has a reader: take it off the list`);
  }
});

test("a canonical document is read back", () => {
  assert.deepEqual(decode(encode({ b: [1, null], a: "ư" }), "3.1", "document"), { a: "ư", b: [1, null] });
});
