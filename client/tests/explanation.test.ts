// What the desk's page says of a rule while it is edited is what the server says: the same cases
// (tests/rules/explained.json).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { doubts } from "../src/pages/desk/rule/doubts.ts";
import { explain } from "../src/pages/desk/rule/explanation.ts";
import type { Rule } from "../src/pages/desk/rule/rule.ts";

interface Case {
  readonly why: string;
  readonly rule: Rule;
  readonly n: number;
  readonly explanation: unknown;
  readonly doubts: unknown;
}

// Written by tests/client/test_explanation.py: the shared cases, each with its whole rule, and random ones.
const cases = JSON.parse(readFileSync(process.env["CASES"] ?? "", "utf8")) as Case[];

for (const each of cases) {
  test(each.why, () => {
    assert.deepEqual(JSON.parse(JSON.stringify(explain(each.rule, each.n))), each.explanation);
    assert.deepEqual(JSON.parse(JSON.stringify(doubts(each.rule))), each.doubts);
  });
}

test("a number of ballots that is none is refused", () => {
  for (const n of [0, -1, 1.5, Number.NaN, 10 ** 7 + 1])
    assert.throws(() => explain((cases[0] as Case).rule, n), RangeError);
});
