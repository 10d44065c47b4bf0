// What leaders leave for the voters to see and what the organizers tell them (docs/protocol.md 15.7), read
// strictly: a document of any other form is none of ours, and nothing of it is shown.

import { decode, encode, Fields, MAX_INTEGER } from "../../core/canonical.ts";
import type { Manifest } from "../../core/manifest.ts";
import type { Octets } from "../../core/octets.ts";
import type { Both } from "../../dom/languages.ts";

const CHECK = "15.7";
const MOST_QUESTION = 500;
const MOST_PARAGRAPHS = 20;
const MOST_PARAGRAPH = 2000;
const MOST_NOTICE = 2000;
const MOST_OCTETS = 200_000;
const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/**
 * A question to the leader of a contest, the answer in paragraphs, and whether it came after the rule's last
 * day for answers.
 */
export interface Answer {
  readonly contest: number;
  readonly question: string;
  readonly answer: readonly string[];
  readonly late: boolean;
}

/** What the organizers say: about the whole vote (null), or that the leader of a contest was excluded. */
export interface Notice extends Both {
  readonly contest: number | null;
}

/** `photos` and `reports` are indices of contests; `closes` is when polls close by the last extension. */
export interface Exhibits {
  readonly photos: readonly number[];
  readonly reports: readonly number[];
  readonly answers: readonly Answer[];
  readonly notices: readonly Notice[];
  readonly closes: string | null;
}

export const NOTHING: Exhibits = { photos: [], reports: [], answers: [], notices: [], closes: null };

/** The document, as it must be for this vote. Throws Malformed. */
export function decodeExhibits(raw: Octets, manifest: Manifest): Exhibits {
  const { roots, closes: planned } = manifest.definition.terms;
  const fields = new Fields(decode(raw, CHECK, "exhibits"), CHECK, "exhibits");
  const last = roots.contests.size - 1;
  const photos = ascending(fields, "photos", last);
  const reports = ascending(fields, "reports", last);
  const answers = fields.objects("answers", MAX_INTEGER).map((each) => answer(each, last));
  if (answers.some((each, i) => i > 0 && each.contest < (answers[i - 1] as Answer).contest))
    fields.refuse("answers", "not by ascending contest");
  if (encode(answers.map((each) => ({ ...each }))).length > MOST_OCTETS)
    fields.refuse("answers", `more than ${MOST_OCTETS} bytes`);
  const notices = fields.objects("notices", MAX_INTEGER).map((each) => notice(each, last));
  const places = notices.map((each) => each.contest ?? -1);
  if (places.some((place, i) => i > 0 && place <= (places[i - 1] as number)))
    fields.refuse("notices", "not one for each contest, in order");
  const closes = fields.optionalText("closes", 20);
  if (closes !== null && !INSTANT.test(closes)) fields.refuse("closes", "not YYYY-MM-DDThh:mm:ssZ");
  if (closes !== null && closes <= planned) fields.refuse("closes", "not later than the definition's");
  fields.done();
  return { photos, reports, answers, notices, closes };
}

function ascending(fields: Fields, name: string, last: number): readonly number[] {
  const held = fields.integers(name, last + 1);
  if (held.some((contest, i) => contest > last || (i > 0 && contest <= (held[i - 1] as number))))
    fields.refuse(name, "not ascending indices of contests");
  return held;
}

function answer(fields: Fields, last: number): Answer {
  const read = {
    contest: fields.integer("contest", 0, last),
    question: fields.text("question", MOST_QUESTION),
    answer: fields.texts("answer", MOST_PARAGRAPHS, MOST_PARAGRAPH),
    late: fields.boolean("late"),
  };
  if (read.answer.length === 0) fields.refuse("answer", "has no paragraph");
  fields.done();
  return read;
}

function notice(fields: Fields, last: number): Notice {
  const read = {
    contest: fields.optionalInteger("contest", 0, last),
    vi: fields.text("vi", MOST_NOTICE),
    en: fields.text("en", MOST_NOTICE),
  };
  fields.done();
  return read;
}
