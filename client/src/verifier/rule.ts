// The rule of a vote as its definition states it (docs/protocol.md 4.1), and what follows from figures by it
// (13.3).
//
// Whole numbers only: times·count(level) against of·N, never a rounded percentage.

import { Field } from "./fields.ts";
import { hold } from "./refused.ts";

export interface Condition {
  readonly level: string;
  readonly times: number;
  readonly op: ">" | ">=" | "<" | "<=";
  readonly of: number;
  readonly year: "this" | "last";
}

export interface Consequence {
  readonly id: string;
  readonly all: readonly Condition[];
}

export interface Named {
  readonly id: string;
  readonly vi: string;
  readonly en: string;
}

export interface Rule {
  readonly name: string;
  readonly source: { readonly vi: string; readonly en: string };
  readonly levels: readonly string[];
  /** What people read for levels and consequences. */
  readonly words: { readonly levels: readonly Named[]; readonly outcomes: readonly Named[] };
  readonly denominator: "returned" | "summoned";
  readonly quorum: { readonly numerator: number; readonly denominator: number } | null;
  readonly outcomes: readonly Consequence[];
  readonly watch: readonly Consequence[];
}

/** What a rule is judged by: counts by level, and how many were summoned, present, returned. */
export interface Figures {
  readonly levels: Readonly<Record<string, number>>;
  readonly returned: number;
  readonly summoned: number | null;
}

/** What the quorum is judged by. */
export interface Present {
  readonly present: number;
  readonly summoned: number;
}

const MOST = 20;

/** 4.2: the rule is well-formed. */
export function readRule(field: Field): Rule {
  const rule = field.object(
    "name",
    "title",
    "source",
    "frequency",
    "levels",
    "not_marked",
    "denominator",
    "quorum",
    "outcomes",
    "watch",
    "deadlines",
  );
  for (const words of [rule.title, rule.source, rule.frequency, rule.not_marked]) readWords(words);
  const levels = rule.levels.list(2, 5).map((level) => {
    const { id, vi, en } = level.object("id", "vi", "en");
    readTexts(vi, en);
    return readId(id);
  });
  hold(new Set(levels).size === levels.length, rule.levels.where, "names a level twice");
  const outcomes = rule.outcomes.list(0, MOST).map((each) => readConsequence(each, levels));
  const watch = rule.watch.list(0, MOST).map((each) => readConsequence(each, levels));
  const ids = [...outcomes, ...watch].map((each) => each.id);
  hold(new Set(ids).size === ids.length, field.where, "gives two consequences the same id");
  for (const word of ["none", "no_quorum", "frozen"])
    hold(!ids.includes(word), field.where, `calls a consequence ${word}`);
  readDeadlines(rule.deadlines);
  return {
    name: readId(rule.name),
    source: readWords(rule.source),
    levels,
    words: {
      levels: rule.levels.list().map(readNamed),
      outcomes: [...rule.outcomes.list(), ...rule.watch.list()].map(readNamed),
    },
    denominator: rule.denominator.oneOf("returned", "summoned"),
    quorum: rule.quorum.orNull(readQuorum),
    outcomes,
    watch,
  };
}

function readId(field: Field): string {
  const { value } = field;
  hold(
    typeof value === "string" && /^[a-z][a-z0-9_-]{0,39}$/.test(value),
    field.where,
    "is no id of small letters, digits, - and _",
  );
  return value;
}

/** Of what has been read: its id and its words. */
function readNamed({ value }: Field): Named {
  const { id, vi, en } = value as Readonly<Record<string, string>>;
  return { id: id as string, vi: vi as string, en: en as string };
}

function readTexts(...texts: readonly Field[]): void {
  for (const each of texts) each.text(1, 1000);
}

function readWords(field: Field): { readonly vi: string; readonly en: string } {
  const { vi, en } = field.object("vi", "en");
  readTexts(vi, en);
  return { vi: vi.value as string, en: en.value as string };
}

function readQuorum(field: Field): { readonly numerator: number; readonly denominator: number } {
  const quorum = field.object("numerator", "denominator");
  const [numerator, denominator] = [quorum.numerator.integer(1, 100), quorum.denominator.integer(1, 100)];
  hold(numerator <= denominator, field.where, "asks for more than everybody");
  return { numerator, denominator };
}

function readConsequence(field: Field, levels: readonly string[]): Consequence {
  const { id, vi, en, source, all } = field.object("id", "vi", "en", "source", "all");
  readTexts(vi, en);
  readWords(source);
  return { id: readId(id), all: all.list(1, MOST).map((each) => readCondition(each, levels)) };
}

function readCondition(field: Field, levels: readonly string[]): Condition {
  const { level, times, op, of, year } = field.object("level", "times", "op", "of", "year");
  return {
    level: level.oneOf(...levels),
    times: times.integer(1, 1000),
    op: op.oneOf(">", ">=", "<", "<="),
    of: of.integer(1, 1000),
    year: year.oneOf("this", "last"),
  };
}

function readDeadlines(field: Field): void {
  const names = Object.keys(field.table());
  hold(names.length <= MOST, field.where, "holds too many deadlines");
  for (const name of names) {
    readId(new Field(name, name, field));
    field.at(name).integer(0, 365);
  }
}

/** 13.3 of a contest that is not frozen: the outcome's id and those of the watch flags. */
export function judge(
  rule: Rule,
  now: Figures & Present,
  last: Figures | null,
): { readonly outcome: string; readonly watch: readonly string[] } {
  const { quorum } = rule;
  if (quorum !== null && now.present * quorum.denominator < now.summoned * quorum.numerator)
    return { outcome: "no_quorum", watch: [] };
  const follows = (each: Consequence): boolean =>
    each.all.every((condition) => holds(rule, condition, condition.year === "this" ? now : last));
  return {
    outcome: rule.outcomes.find(follows)?.id ?? "none",
    watch: rule.watch.filter(follows).map((each) => each.id),
  };
}

function holds(rule: Rule, { level, times, op, of }: Condition, figures: Figures | null): boolean {
  const n = figures === null ? null : figures[rule.denominator];
  if (figures === null || n === null || n === 0) return false;
  const [left, right] = [times * (figures.levels[level] as number), of * n];
  if (op === ">") return left > right;
  if (op === ">=") return left >= right;
  return op === "<" ? left < right : left <= right;
}
