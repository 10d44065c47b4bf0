// What went wrong, by the name that its sentence has.

import { groupHolds } from "../../core/codes.ts";
import { Rejected } from "../../core/errors.ts";
import type { Answer } from "../../worker/committee.ts";
import type { Problem } from "./view.ts";
import { Refused, Unreachable } from "./wire.ts";

/** A check of this client failed. */
export class Failed extends Error {
  readonly answer: Answer & { kind: "refused" };

  constructor(answer: Answer & { kind: "refused" }) {
    super(answer.why);
    this.answer = answer;
  }
}

/** What is wrong with a typed sheet: the first group that is missing, wrong, or in another's place. */
export function faultIn(typed: readonly string[], error: unknown): Problem {
  const group = error instanceof Rejected ? /group\[(\d+)\]/.exec(error.where)?.[1] : undefined;
  const short = typed.findIndex((each, i) => !groupHolds(i + 1, each));
  const at = short >= 0 ? String(short + 1) : (group ?? "1");
  const missing = (typed[Number(at) - 1] ?? "").trim() === "";
  return { name: missing ? "SheetShort" : "SheetGroup", detail: at };
}

export function problem(error: unknown): Problem {
  if (error instanceof Refused) return { name: error.code, vi: error.vi, en: error.en };
  if (error instanceof Unreachable) return { name: "Offline" };
  if (error instanceof Rejected) return { name: "WrongDocument", detail: `${error.check}, ${error.where}` };
  if (error instanceof Failed) {
    const { answer } = error;
    if (answer.dealer !== null) return { name: "BadDealer", detail: String(answer.dealer) };
    return {
      name: "CheckFailed",
      detail: [answer.check, answer.where, answer.why].filter((part) => part !== "").join(", "),
    };
  }
  return { name: "Broken", detail: String(error) };
}
