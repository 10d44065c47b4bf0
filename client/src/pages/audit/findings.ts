// The table of findings: a row for each check, with what must hold and what came of it.

import { h } from "../../dom/h.ts";
import type { Tongue } from "../../dom/languages.ts";
import type { Finding } from "../../verifier/verify.ts";
import { WORDS } from "./words.ts";

export const CHECKS = Object.keys(WORDS.en)
  .filter((name) => name.startsWith("check_"))
  .map((name) => name.slice("check_".length));

export function table(tongue: Tongue, findings: readonly Finding[]): HTMLElement {
  const head = h(
    "tr",
    {},
    ...["check", "must", "verdict"].map((name) => h("th", { scope: "col" }, tongue.say(name))),
  );
  const rows = CHECKS.map((check, i) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, check),
      h("td", { id: `title-${i}` }, ...titled(tongue, check, findings[i])),
      h("td", { id: `verdict-${i}` }, verdict(tongue, findings[i])),
    ),
  );
  return h(
    "table",
    { class: "checks" },
    h("caption", {}, tongue.say("table")),
    h("thead", {}, head),
    h("tbody", {}, ...rows),
  );
}

/** What must hold; where and why it does not. */
export function titled(
  tongue: Tongue,
  check: string,
  finding: Finding | undefined,
): readonly (Node | string)[] {
  const title = tongue.say(`check_${check}`);
  if (finding?.verdict !== "failed") return [title];
  return [
    title,
    h(
      "span",
      { class: "why" },
      tongue.say("at", { where: finding.where ?? "" }),
      " ",
      h("span", { lang: "en" }, finding.why ?? ""),
    ),
  ];
}

export function verdict(tongue: Tongue, finding: Finding | undefined): Node {
  if (finding === undefined) return h("span", { class: "quiet" }, tongue.say("pending"));
  return h("span", { class: `verdict ${finding.verdict.replace(" ", "-")}` }, tongue.say(finding.verdict));
}
