// What voters read has sentences of at most twenty words; of Vietnamese every syllable is counted as one.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Language, Words } from "../src/dom/languages.ts";
import { WORDS as BOOTH } from "../src/pages/booth/words.ts";
import { WORDS as CHECK } from "../src/pages/check/words.ts";
import { WORDS as PROJECTOR } from "../src/pages/projector/words.ts";
import { WORDS as RECEIPT } from "../src/pages/receipt/words.ts";

const MOST = 20;
const PAGES: Readonly<Record<string, Readonly<Record<Language, Words>>>> = {
  booth: BOOTH,
  check: CHECK,
  projector: PROJECTOR,
  receipt: RECEIPT,
};

function tooLong(text: string): readonly string[] {
  const words = (sentence: string): number =>
    sentence.split(/\s+/u).filter((each) => /[\p{L}\p{N}]/u.test(each)).length;
  return text.split(/(?<=[.!?…])\s/u).filter((sentence) => words(sentence) > MOST);
}

for (const [page, catalogue] of Object.entries(PAGES)) {
  for (const language of ["vi", "en"] as const) {
    test(`sentences of the ${page} in ${language}`, () => {
      const texts = Object.entries(catalogue[language]);
      assert.ok(texts.length > 0);
      assert.deepEqual(
        texts.flatMap(([name, text]) => tooLong(text).map((sentence) => [name, sentence])),
        [],
      );
    });
  }
}

test("a sentence that is too long is seen", () => {
  assert.deepEqual(tooLong(`${"một ".repeat(19)}hai. Ba.`), []);
  assert.deepEqual(tooLong(`Ba. ${"một ".repeat(20)}hai.`), [`${"một ".repeat(20)}hai.`]);
});
