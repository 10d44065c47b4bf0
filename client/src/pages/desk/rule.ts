// While a rule is edited, what it means changes with it. Without a script the button "Work it out anew" does
// the same.

import { h } from "../../dom/h.ts";
import { Tongue } from "../../dom/languages.ts";
import { doubts } from "./rule/doubts.ts";
import { explain, MOST_BALLOTS } from "./rule/explanation.ts";
import { typedRule } from "./rule/form.ts";
import { doubted, numbers, said } from "./rule/show.ts";
import { WORDS } from "./rule/words.ts";

const BALLOTS = 100;

/** Keep the explanation of every rule's form alive. */
export function liveRules(page: Document): void {
  const tongue = new Tongue(page.documentElement.lang === "en" ? "en" : "vi", WORDS);
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-rule]")) {
    const listen = (event: Event): void => {
      show(form, tongue);
      hear(form, event.target as Element);
    };
    form.addEventListener("input", listen);
    form.addEventListener("change", listen);
  }
}

function show(form: HTMLFormElement, tongue: Tongue): void {
  const { rule, places } = typedRule(form);
  const n = ballots((form.elements.namedItem("n") as HTMLInputElement).value.trim());
  const voters = Number(form.dataset["voters"]);
  const sizes = voters === 0 || voters === n ? [n] : [n, voters];
  const told = sizes.map((size) => explain(rule, size));
  const all = told.slice(0, 1).flatMap((each) => [...each.outcomes, ...each.watch]);
  for (const block of form.querySelectorAll<HTMLElement>("[data-said]")) {
    const at = places.get(block.dataset["said"] ?? "");
    const each = at === null || at === undefined ? undefined : all[at];
    replace(
      block,
      each === undefined ? [h("p", { class: "when" }, tongue.say("incomplete"))] : said(rule, each, tongue),
    );
  }
  for (const block of form.querySelectorAll<HTMLElement>("[data-doubts]"))
    replace(block, doubted(doubts(rule), tongue));
  for (const block of form.querySelectorAll<HTMLElement>("[data-numbers]"))
    replace(block, numbers(rule, told, tongue));
}

/** A number of ballots as the server reads it: what is none counts as a hundred. */
function ballots(typed: string): number {
  const n = /^\d+$/.test(typed) ? Number(typed) : 0;
  return n >= 1 && n <= MOST_BALLOTS ? n : BALLOTS;
}

/** A screen reader hears what the outcome means now whose field was changed, and of no other. */
function hear(form: HTMLFormElement, changed: Element): void {
  const block = changed.closest("fieldset.outcome-edit")?.querySelector("[data-said]");
  const heard = form.querySelector<HTMLElement>("[data-heard]");
  const words = block?.textContent?.replace(/\s+/g, " ").trim() ?? "";
  if (heard !== null && words !== "" && heard.textContent !== words) heard.textContent = words;
}

/** What has not changed stays: replacing it would move what somebody is reading. */
function replace(block: HTMLElement, content: readonly Node[]): void {
  const made = h("div", {}, ...content);
  const read = (element: HTMLElement): string => (element.textContent ?? "").replace(/\s+/g, "");
  if (read(made) !== read(block)) block.replaceChildren(...made.childNodes);
}
