// What a rule says, in plain words and in numbers of ballots: twin of surveys/rules/explanation.py, held to
// it by tests/rules/explained.json and by random rules. Knows no page.

import type { Both, Language } from "../../../dom/languages.ts";
import { type Axis, countsOf, fine, gcd, given, key, type Region } from "./regions.ts";
import { type Condition, inBoth, type OutcomeRule, type Rule } from "./rule.ts";

export const MOST_BALLOTS = 10 ** 7;

const OPERATORS: Readonly<Record<string, Both>> = {
  ">": { vi: "trên", en: "more than" },
  ">=": { vi: "ít nhất", en: "at least" },
  "<": { vi: "dưới", en: "less than" },
  "<=": { vi: "không quá", en: "at most" },
  "=": { vi: "đúng", en: "exactly" },
};
const FRACTIONS: Readonly<Record<string, Both>> = {
  "1/1": { vi: "toàn bộ", en: "all" },
  "1/2": { vi: "một nửa", en: "half" },
  "1/3": { vi: "một phần ba", en: "one third" },
  "2/3": { vi: "hai phần ba", en: "two thirds" },
  "1/4": { vi: "một phần tư", en: "one quarter" },
  "3/4": { vi: "ba phần tư", en: "three quarters" },
};
const OF = {
  returned: { vi: "số phiếu thu về", en: "of the ballots returned" },
  summoned: { vi: "số người được triệu tập", en: "of the persons summoned" },
};
const COUNTED = {
  returned: { vi: "phiếu thu về", en: "ballots returned" },
  summoned: { vi: "người được triệu tập", en: "persons summoned" },
};
const ONE = { returned: "ballot returned", summoned: "person summoned" };

/** The counts of one level for which an outcome is given. */
export interface Span {
  readonly level: string;
  readonly ranges: readonly (readonly [number, number])[];
}

export interface Explained {
  readonly id: string;
  readonly when: Both;
  readonly worked: Both;
  readonly edges: readonly Both[];
  readonly spans: readonly Span[];
  readonly possible: boolean;
  readonly before: readonly string[];
  readonly last: boolean;
}

export interface Explanation {
  readonly n: number;
  readonly outcomes: readonly Explained[];
  readonly watch: readonly Explained[];
  readonly tangled: boolean;
}

/** The rule in words and worked out for n, from 1 to MOST_BALLOTS. */
export function explain(rule: Rule, n: number): Explanation {
  if (!Number.isInteger(n) || n < 1 || n > MOST_BALLOTS) throw new RangeError(`${n} ballots`);
  const rules = [...rule.outcomes, ...rule.watch];
  const levels = rule.levels.length;
  const last = fine(rules, "last", levels);
  const here = given(rule, { this: BigInt(n), last, known: 1n });
  // For what exactly a threshold means: a number of ballots of which each threshold is a whole count.
  const anywhere = given(rule, { this: fine(rules, "this", levels), last, known: 1n });
  const found = rules.map((each, i) => explained(rule, each, here[i] as Region, anywhere[i] as Region));
  const outcomes = rule.outcomes.length;
  const tangled = !here.every((each) => each.told);
  return { n, outcomes: found.slice(0, outcomes), watch: found.slice(outcomes), tangled };
}

/**
 * Conditions in words: "when more than half, and less than two thirds, of the ballots returned say “Low
 * confidence”".
 */
export function when(rule: Rule, conditions: readonly Condition[]): Both {
  const clauses = axesOf(conditions).map((axis) =>
    said(
      rule,
      axis,
      conditions
        .filter((each) => key(each) === key(axis))
        .map((each) => amount(each.op, BigInt(each.of), BigInt(each.times))),
    ),
  );
  return {
    vi: `khi ${clauses.map((clause) => clause.vi).join(", và ")}`,
    en: `when ${clauses.map((clause) => clause.en).join(", and ")}`,
  };
}

/** A threshold in words: "more than half", "at least 3/7"; `=` is "exactly". */
export function amount(op: string, of: bigint, times: bigint): Both {
  const share = fraction(of, times);
  if (op === ">=" && of === times) return share;
  return inBoth((language) => `${(OPERATORS[op] as Both)[language]} ${share[language]}`);
}

function fraction(of: bigint, times: bigint): Both {
  const common = gcd(of, times);
  const lowest = `${of / common}/${times / common}`;
  return FRACTIONS[lowest] ?? { vi: lowest, en: lowest };
}

/** How many say a level: "more than half of the ballots returned say “Low confidence”". */
export function said(rule: Rule, axis: Axis, amounts: readonly Both[]): Both {
  const of = OF[rule.denominator];
  const words = levelWords(rule, axis.level);
  const vi = `${amounts.map((each) => each.vi).join(" và ")} ${of.vi} ghi “${words.vi}”`;
  const en = `${amounts.map((each) => each.en).join(", and ")}${amounts.length > 1 ? "," : ""} ${of.en}`;
  return axis.year === "this"
    ? { vi, en: `${en} say “${words.en}”` }
    : { vi: `năm trước ${vi}`, en: `last year ${en} said “${words.en}”` };
}

function levelWords(rule: Rule, level: string): Both {
  const found = rule.levels.find((each) => each.id === level);
  if (found === undefined) throw new RangeError(`no level ${level}`);
  return found;
}

function axesOf(conditions: readonly Condition[]): Axis[] {
  const named = [
    ...new Map(conditions.map((each) => [key(each), { year: each.year, level: each.level }])).values(),
  ];
  return [...named.filter((axis) => axis.year === "this"), ...named.filter((axis) => axis.year === "last")];
}

function explained(rule: Rule, each: OutcomeRule, here: Region, anywhere: Region): Explained {
  const spans = axesOf(each.all)
    .filter((axis) => axis.year === "this")
    .map((axis) => ({
      level: axis.level,
      ranges: countsOf(here, axis).map(([first, last]) => [Number(first), Number(last)] as const),
    }));
  const possible = here.left.length > 0;
  return {
    id: each.id,
    when: when(rule, each.all),
    worked: worked(rule, spans, possible, here.of.this),
    edges: edges(rule, each, here, anywhere),
    spans,
    possible,
    before: here.before.map((first) => first.id),
    last: each.all.some((condition) => condition.year === "last"),
  };
}

function worked(rule: Rule, spans: readonly Span[], possible: boolean, n: bigint): Both {
  const counted = COUNTED[rule.denominator];
  const of = {
    vi: `trong ${grouped(n, "vi")} ${counted.vi}`,
    en: `of ${grouped(n, "en")} ${n === 1n ? ONE[rule.denominator] : counted.en}`,
  };
  if (!possible) return { vi: `${of.vi}: không thể xảy ra`, en: `${of.en}: it cannot happen` };
  if (spans.length === 0) return { vi: `${of.vi}: dù ghi thế nào`, en: `${of.en}: whatever is marked` };
  const part = (span: Span, language: Language, or: string, counts: string): string =>
    `${span.ranges.map((range) => rangeWords(range, language)).join(or)}${counts} ` +
    `“${levelWords(rule, span.level)[language]}”`;
  return {
    vi: `${of.vi}: ${spans.map((span) => part(span, "vi", " hoặc ", " phiếu")).join(" và ")}`,
    en: `${of.en}: ${spans.map((span) => part(span, "en", ", or ", "")).join(" and ")}`,
  };
}

function rangeWords([from, to]: readonly [number, number], language: Language): string {
  const [first, last] = [grouped(BigInt(from), language), grouped(BigInt(to), language)];
  if (from === to) return `${(OPERATORS["="] as Both)[language]} ${first}`;
  return language === "vi" ? `từ ${first} đến ${last}` : `from ${first} to ${last}`;
}

/** What exactly each threshold means; with the count, where n has one. */
function edges(rule: Rule, outcome: OutcomeRule, here: Region, anywhere: Region): Both[] {
  const found = new Map<string, Both>();
  const several = new Set(outcome.all.map((each) => each.level)).size > 1;
  for (const each of outcome.all) {
    if (each.of > each.times) continue;
    const [of, times] = [BigInt(each.of), BigInt(each.times)];
    const whole = each.year === "this" && (of * here.of.this) % times === 0n;
    const region = whole ? here : anywhere;
    const count = (of * region.of[each.year]) / times;
    const meant = countsOf(region, each).some(([first, last]) => first <= count && count <= last);
    const words = several ? levelWords(rule, each.level) : null;
    const share = fraction(of, times);
    found.set(
      `${key(each)} ${share.en}`,
      edge(share, each.year === "last", words, whole ? count : null, meant),
    );
  }
  return [...found.values()];
}

function edge(share: Both, last: boolean, level: Both | null, count: bigint | null, meant: boolean): Both {
  const of = level === null ? { vi: "", en: "" } : { vi: ` “${level.vi}”`, en: ` “${level.en}”` };
  const end = {
    vi: `${count === null ? "" : ` (${grouped(count, "vi")} phiếu)`}${of.vi}`,
    en: `${count === null ? "" : ` (${grouped(count, "en")})`}${of.en}`,
  };
  return {
    vi:
      `${last ? "năm trước " : ""}đúng ${share.vi}${end.vi} thì ${meant ? "thuộc" : "không thuộc"} ` +
      "trường hợp này",
    en: `${last ? "last year " : ""}exactly ${share.en}${end.en} ${meant ? "is" : "is not"} included`,
  };
}

function grouped(value: bigint, language: Language): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, language === "vi" ? "." : ",");
}
