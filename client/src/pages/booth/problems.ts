// What went wrong, as the words know it, and whether trying again can help.

import { Rejected } from "../../core/errors.ts";
import { Refused, Unreachable } from "../../dom/http.ts";
import type { Problem } from "./views.ts";

/** Refusals after which another try of the same thing can help. */
const LATER: ReadonlySet<string> = new Set([
  "Offline",
  "IssuingNotOpen",
  "NoQuorum",
  "AllPapersIssued",
  "NotOpenYet",
  "TooManyRequests",
  "Broken",
]);

export function passes(wrong: Problem): boolean {
  return LATER.has(wrong.name);
}

export function problem(error: unknown): Problem {
  if (error instanceof Refused) return { name: error.code, vi: error.vi, en: error.en };
  if (error instanceof Unreachable) return { name: "Offline" };
  if (error instanceof Rejected) return { name: "WrongAnswer" };
  throw error;
}
