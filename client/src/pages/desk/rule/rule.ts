// A rule as surveys/rules/preset.py writes it, and what is said about it in two languages.

import type { Both, Language } from "../../../dom/languages.ts";

export type Operator = ">" | ">=" | "<" | "<=";
export type Year = "this" | "last";

/** times·count(level) op of·N, in this year's figures or in last year's. */
export interface Condition {
  readonly level: string;
  readonly times: number;
  readonly op: Operator;
  readonly of: number;
  readonly year: Year;
}

export interface OutcomeRule extends Both {
  readonly id: string;
  readonly all: readonly Condition[];
}

export interface Level extends Both {
  readonly id: string;
}

export interface Rule {
  readonly levels: readonly Level[];
  readonly denominator: "returned" | "summoned";
  readonly outcomes: readonly OutcomeRule[];
  readonly watch: readonly OutcomeRule[];
}

/** A text for each language, made by one function. */
export function inBoth(make: (language: Language) => string): Both {
  return { vi: make("vi"), en: make("en") };
}
