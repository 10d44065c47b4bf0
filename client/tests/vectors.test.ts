// The vectors of tests/vectors, read by the TypeScript core: the same files and verdicts as in Python
// (tests/vectors/reading.py).

import assert from "node:assert/strict";
import { test } from "node:test";

import { decode, encode } from "../src/core/canonical.ts";
import { Rejected } from "../src/core/errors.ts";
import { READERS } from "./readers.ts";
import { comparable, folders, vectorsIn } from "./vector_files.ts";

// The registrar's own step, with the private token key: never in a browser; and the text of the minutes,
// which a browser asks the verifier for (verifier_vectors.test.ts).
const NOT_HERE = new Set(["7.3-blind-sign", "13.5-text"]);

for (const folder of folders()) {
  if (NOT_HERE.has(folder)) continue;
  test(folder, () => {
    const read = READERS[folder];
    assert.ok(read !== undefined, `no reader for ${folder}`);
    for (const { where, given, expect, check, gives } of vectorsIn(folder)) {
      const run = (): unknown => read(given);
      if (expect === "ok") assert.deepEqual(comparable(run()), comparable(gives), where);
      else
        assert.throws(
          run,
          (error: unknown) => {
            if (expect === "ValueError")
              return assert.ok(error instanceof RangeError, `${where}: ${error}`) ?? true;
            assert.ok(error instanceof Rejected, `${where}: ${error}`);
            assert.deepEqual([error.constructor.name, error.check], [expect, check], where);
            return true;
          },
          where,
        );
    }
  });
}

test("what is not done here is named exactly", () => {
  for (const name of NOT_HERE) {
    assert.ok(folders().includes(name), name);
    assert.ok(!(name in READERS), `${name} has a reader: take it off the list`);
  }
});

test("a canonical document is read back", () => {
  assert.deepEqual(decode(encode({ b: [1, null], a: "ư" }), "3.1", "document"), { a: "ư", b: [1, null] });
});
