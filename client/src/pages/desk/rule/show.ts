// A rule's explanation as elements: twin of templates/components/rule.html and of the bars of
// surveys/rules/told.py.

import { type Child, h } from "../../../dom/h.ts";
import type { Tongue } from "../../../dom/languages.ts";
import { s } from "../../../dom/svg.ts";
import type { Doubt } from "./doubts.ts";
import type { Explained, Explanation } from "./explanation.ts";
import type { OutcomeRule, Rule } from "./rule.ts";

const WIDTH = 1000;
const COLOURS = ["#8a1620", "#c77400", "#0b4f8a", "#3c7a46", "#6b4c9a", "#545454"];

/** What is said of one outcome. */
export function said(rule: Rule, each: Explained, tongue: Tongue): Node[] {
  const first = each.before.map((id) => rule.outcomes.find((other) => other.id === id) as OutcomeRule);
  return [
    h("p", { class: "when" }, tongue.say("applies", { when: tongue.both(each.when) })),
    h(
      "ul",
      { class: "worked" },
      h("li", {}, tongue.both(each.worked)),
      ...each.edges.map((edge) => h("li", {}, tongue.both(edge))),
      ...first.map((other) => h("li", {}, tongue.say("first", { first: tongue.both(other) }))),
      each.last && h("li", {}, tongue.say("last")),
    ),
  ];
}

/** What is doubtful, or nothing. */
export function doubted(all: readonly Doubt[], tongue: Tongue): Node[] {
  if (all.length === 0) return [];
  const list = h("ul", {}, ...all.map((doubt) => h("li", {}, tongue.both(doubt.words))));
  return [h("div", { class: "notice" }, h("p", {}, h("strong", {}, tongue.say("doubts"))), list)];
}

/** The counts in a table, a column for each n; for the first of them a bar beside each row. */
export function numbers(rule: Rule, tellings: readonly Explanation[], tongue: Tongue): Node[] {
  const rules = [...rule.outcomes, ...rule.watch];
  const [first] = tellings;
  if (first === undefined || rules.length === 0) return [];
  const head = h(
    "tr",
    {},
    h("th", { scope: "col" }, tongue.say("outcome")),
    ...tellings.map((told) => h("th", { scope: "col" }, size(rule, told.n, tongue))),
    h(
      "td",
      { class: "lane", "aria-hidden": "true" },
      h("span", {}, "0"),
      h("span", {}, grouped(first.n, tongue)),
    ),
  );
  const rows = rules.map((each, i) => {
    const colour = COLOURS[i % COLOURS.length] as string;
    const of = (told: Explanation): Explained => [...told.outcomes, ...told.watch][i] as Explained;
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, swatch(colour), " ", tongue.both(each)),
      ...tellings.map((told) => h("td", {}, ...counts(rule, of(told), tongue))),
      h(
        "td",
        { class: "lane", "aria-hidden": "true" },
        ...of(first).spans.map((span) => lane(span.ranges, first.n, colour)),
      ),
    );
  });
  const caption = h("caption", { id: "numbers" }, tongue.say("caption"));
  const table = h("table", { class: "rule-numbers" }, caption, h("thead", {}, head), h("tbody", {}, ...rows));
  return [h("div", { class: "scroll", role: "region", tabindex: "0", "aria-labelledby": "numbers" }, table)];
}

function size(rule: Rule, n: number, tongue: Tongue): string {
  return tongue.say(`${rule.denominator}${n === 1 ? "One" : ""}`, { n: grouped(n, tongue) });
}

function counts(rule: Rule, each: Explained, tongue: Tongue): Child[] {
  if (!each.possible) return [tongue.say("never")];
  if (each.spans.length === 0) return [tongue.say("any")];
  return each.spans.map((span) => {
    const ranges = span.ranges.map(([a, b]) =>
      a === b ? grouped(a, tongue) : `${grouped(a, tongue)}–${grouped(b, tongue)}`,
    );
    const level = rule.levels.find((other) => other.id === span.level);
    const words = level === undefined ? span.level : tongue.both(level);
    return h("span", { class: "counts" }, `${ranges.join("; ")} “${words}”`);
  });
}

function lane(ranges: readonly (readonly [number, number])[], n: number, colour: string): SVGElement {
  const marks = ranges.map(([from, to]) => {
    const x = Math.floor((from * WIDTH) / (n + 1));
    const width = Math.max(Math.floor(((to + 1) * WIDTH) / (n + 1)) - x, 4);
    return s("rect", { x: Math.min(x, WIDTH - 4), width, height: 20, fill: colour });
  });
  const ground = s("rect", { width: WIDTH, height: 20, fill: "#e4e0da" });
  return s(
    "svg",
    { viewBox: `0 0 ${WIDTH} 20`, preserveAspectRatio: "none", focusable: "false" },
    ground,
    ...marks,
  );
}

function swatch(colour: string): SVGElement {
  const attributes = { class: "swatch", viewBox: "0 0 10 10", "aria-hidden": "true", focusable: "false" };
  return s("svg", attributes, s("rect", { width: 10, height: 10, fill: colour }));
}

function grouped(value: number, tongue: Tongue): string {
  return value.toLocaleString(tongue.language === "vi" ? "vi-VN" : "en-GB");
}
