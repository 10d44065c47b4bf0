// What an editor of a rule should look at: twin of surveys/rules/doubts.py. Knows no page.

import type { Both } from "../../../dom/languages.ts";
import { amount, said } from "./explanation.ts";
import { type Axis, box, byFirst, fine, given, key, type Range, type Region, type Whole } from "./regions.ts";
import type { OutcomeRule, Rule } from "./rule.ts";

export interface Doubt {
  readonly kind: "contradiction" | "covered" | "gap" | "tangled";
  readonly about: readonly string[];
  readonly words: Both;
}

/** Everything doubtful about a rule, for every number of ballots at once. */
export function doubts(rule: Rule): Doubt[] {
  const all = [...rule.outcomes, ...rule.watch];
  const of = {
    this: fine(all, "this", rule.levels.length),
    last: fine(all, "last", rule.levels.length),
    known: 1n,
  };
  const found = all.filter((each) => box(each.all, of) === null).map(contradiction);
  const regions = given(rule, of);
  all.forEach((each, i) => {
    const { told, before, left } = regions[i] as Region;
    if (!told) found.push(tangled(each));
    else if (before.length > 0 && left.length === 0) found.push(covered(each, before));
  });
  return [...found, ...gaps(rule, of)];
}

function contradiction(rule: OutcomeRule): Doubt {
  const words = {
    vi: `“${rule.vi}” không bao giờ xảy ra: không có số phiếu nào đáp ứng mọi điều kiện.`,
    en: `“${rule.en}” can never apply: no counts meet all its conditions.`,
  };
  return { kind: "contradiction", about: [rule.id], words };
}

function tangled(rule: OutcomeRule): Doubt {
  const words = {
    vi:
      `“${rule.vi}” và các hệ quả đứng trước cắt nhau thành quá nhiều trường hợp: con số nêu ra chỉ theo ` +
      "điều kiện riêng của hệ quả này.",
    en:
      `“${rule.en}” and the outcomes before it cut each other into too many cases: its numbers follow ` +
      "its own conditions only.",
  };
  return { kind: "tangled", about: [rule.id], words };
}

function covered(rule: OutcomeRule, before: readonly OutcomeRule[]): Doubt {
  const first = {
    vi: before.map((other) => `“${other.vi}”`).join(" hoặc "),
    en: before.map((other) => `“${other.en}”`).join(" or "),
  };
  const words = {
    vi: `“${rule.vi}” không bao giờ xảy ra: khi đủ điều kiện thì ${first.vi} luôn được xét trước.`,
    en: `“${rule.en}” can never apply: whenever its conditions hold, ${first.en} comes first.`,
  };
  return { kind: "covered", about: [rule.id, ...before.map((other) => other.id)], words };
}

/** Between outcomes that look at one level of this year alone. */
function gaps(rule: Rule, of: Whole): Doubt[] {
  const found: Doubt[] = [];
  for (const level of rule.levels) {
    const axis = { year: "this", level: level.id } as const;
    const alone = rule.outcomes.flatMap((each): [Range, OutcomeRule][] => {
      const own = box(each.all, of);
      const range = own?.get(key(axis));
      return range !== undefined && own?.size === 1 ? [[range, each]] : [];
    });
    let reached: readonly [bigint, OutcomeRule] | null = null;
    for (const [[first, last], each] of alone.sort((a, b) => byFirst(a[0], b[0]))) {
      if (reached !== null && first > reached[0] + 1n) {
        found.push(gap(rule, axis, [reached[0] + 1n, first - 1n], reached[1], each, of.this));
      }
      if (reached === null || last > reached[0]) reached = [last, each];
    }
  }
  return found;
}

function gap(
  rule: Rule,
  axis: Axis,
  [low, high]: Range,
  below: OutcomeRule,
  above: OutcomeRule,
  n: bigint,
): Doubt {
  // A threshold is a multiple of `step`; a range that begins just above one, or ends just below it, leaves it
  // out.
  const step = BigInt(rule.levels.length + 1);
  const at = low - (low % step);
  const to = high + ((step - (high % step)) % step);
  const amounts =
    low === high
      ? [amount("=", low, n)]
      : [amount(at === low ? ">=" : ">", at, n), amount(to === high ? "<=" : "<", to, n)];
  const so = said(rule, axis, amounts);
  const words = {
    vi:
      `Giữa “${below.vi}” và “${above.vi}” có khoảng trống: khi ${so.vi} thì không có hệ quả nào trong ` +
      "hai hệ quả này.",
    en: `“${below.en}” and “${above.en}” leave a gap: when ${so.en}, neither applies.`,
  };
  return { kind: "gap", about: [below.id, above.id], words };
}
