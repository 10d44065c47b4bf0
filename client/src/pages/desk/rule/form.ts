// The rule that stands in the form, as far as it is complete. Field names are those of
// surveys/console/preparation/pages/rule_form.py.

import type { Condition, OutcomeRule, Rule } from "./rule.ts";

const MOST_PARTS = 1000;
const OPERATORS = [">", ">=", "<", "<="];

export interface Typed {
  readonly rule: Rule;
  /**
   * Place in the form (outcomes-0) → the index among outcomes and then watch flags; null while it is not
   * complete.
   */
  readonly places: ReadonlyMap<string, number | null>;
}

/** What the form says. Words that are missing are dots; an outcome that is not complete is left out. */
export function typedRule(form: HTMLFormElement): Typed {
  const value = (name: string): string => {
    const field = form.elements.namedItem(name);
    return field !== null && "value" in field ? String(field.value).trim() : "";
  };
  const words = (name: string): { vi: string; en: string } => ({
    vi: value(`${name}-vi`) || "…",
    en: value(`${name}-en`) || "…",
  });
  const ids = (form.dataset["levels"] ?? "").split(" ");
  const levels = ids.map((id, i) => ({ id, ...words(`levels-${i}`) }));
  const conditions = (place: string): Condition[] | null => {
    const found: Condition[] = [];
    for (let i = 0; form.elements.namedItem(`${place}-all-${i}-op`) !== null; i++) {
      const at = (name: string): string => value(`${place}-all-${i}-${name}`);
      const [of, times] = [whole(at("of")), whole(at("times"))];
      if (of === null || times === null || !OPERATORS.includes(at("op")) || !ids.includes(at("level")))
        return null;
      const year = at("year") === "last" ? "last" : "this";
      found.push({ level: at("level"), times, op: at("op") as Condition["op"], of, year });
    }
    return found.length > 0 ? found : null;
  };
  const places = new Map<string, number | null>();
  const read = (kind: string, before: number): OutcomeRule[] => {
    const found: OutcomeRule[] = [];
    for (let i = 0; form.elements.namedItem(`${kind}-${i}-id`) !== null; i++) {
      const place = `${kind}-${i}`;
      const all = conditions(place);
      places.set(place, all === null ? null : before + found.length);
      if (all !== null) found.push({ id: value(`${place}-id`), ...words(place), all });
    }
    return found;
  };
  const outcomes = read("outcomes", 0);
  const watch = read("watch", outcomes.length);
  const denominator = value("denominator") === "summoned" ? "summoned" : "returned";
  return { rule: { levels, denominator, outcomes, watch }, places };
}

/** A whole number from 1 to MOST_PARTS, as the server reads it. */
function whole(text: string): number | null {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= MOST_PARTS ? number : null;
}
