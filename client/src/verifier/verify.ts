// The verifier (docs/protocol.md §14): every check of 14.2 in its order, each with a verdict. Whatever the
// file holds, the answer is a report.
//
// Written from the specification alone, beside the one in Python: where both agree, no error of one of them
// has decided. Danger: a check that breaks instead of deciding has failed, and says so; it never passes for
// want of an answer.

import { absentOf } from "./agreement.ts";
import { alone, type Labour } from "./board.ts";
import { hex } from "./bytes.ts";
import { Case, NotReached, type Progress } from "./case.ts";
import { CHECKS, type Check } from "./checks.ts";
import { Refused } from "./refused.ts";
import type { Source } from "./zip.ts";

export type Verdict = "passed" | "failed" | "not reached";

export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  /** Null unless the check failed. */
  readonly where: string | null;
  readonly why: string | null;
}

/** What the bundle is about, as far as it could be read. */
export interface Facts {
  readonly survey: string | null;
  readonly title_vi: string | null;
  readonly title_en: string | null;
  readonly manifest: string | null;
  readonly board: string | null;
  readonly ballots: number | null;
}

/** A member of the committee; `at` is when it cosigned, by its own clock. */
export interface Member {
  readonly trustee: number;
  readonly name: string;
  readonly at?: string;
}

export interface Report extends Facts {
  readonly good: boolean;
  /** Who agreed on board and plan, and when (11.3); null unless 11.3 has passed. */
  readonly cosigned: readonly Member[] | null;
  /** Whom the valid shares name absent (12.2); null unless 12.2 has passed. */
  readonly absent: readonly Member[] | null;
  /**
   * The SHA-256 that a file of the typeset minutes must have (13.7); null where none were made, or 13.4 has
   * not passed.
   */
  readonly typeset: string | null;
  readonly findings: readonly Finding[];
}

export interface Options {
  readonly labour?: Labour;
  readonly progress?: Progress;
  /** Hears of each verdict as it is found. */
  readonly onFinding?: (finding: Finding) => void;
  /** Other checks than all: for tests that show what each is good for. */
  readonly checks?: readonly (readonly [string, Check])[];
}

export const UNFORESEEN = "the verifier itself broke here";

/** The file cannot be read any more, or somebody was lost who did the work: there is no verdict then. */
export class Interrupted extends Error {}

/** Verify a bundle. Never throws for what the bundle holds; Interrupted, where it says so, passes through. */
export async function verify(
  source: Source,
  {
    labour = alone(),
    progress = () => undefined,
    onFinding = () => undefined,
    checks = CHECKS,
  }: Options = {},
): Promise<Report> {
  const on = new Case(source, labour, progress);
  const findings: Finding[] = [];
  for (const [check, run] of checks) {
    progress(check, 0, 1);
    const found = await finding(check, () => run(on));
    findings.push(found);
    onFinding(found);
  }
  const typeset = on.found("typeset");
  return {
    good: findings.every((each) => each.verdict === "passed"),
    ...factsOf(on),
    ...peopleOf(on, new Set(findings.filter((each) => each.verdict === "passed").map((each) => each.check))),
    typeset: typeset === null ? null : hex(typeset),
    findings,
  };
}

async function finding(check: string, run: () => void | Promise<void>): Promise<Finding> {
  try {
    await run();
    return { check, verdict: "passed", where: null, why: null };
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    if (error instanceof NotReached) return { check, verdict: "not reached", where: null, why: null };
    if (error instanceof Refused)
      return { check, verdict: "failed", where: harmless(error.where), why: harmless(error.why) };
    return { check, verdict: "failed", where: "verifier", why: harmless(`${UNFORESEEN}: ${String(error)}`) };
  }
}

function factsOf(on: Case): Facts {
  const [manifest, board] = [on.found("vote"), on.found("walked")];
  return {
    survey: manifest?.survey ?? null,
    title_vi: manifest === null ? null : harmless(manifest.title.vi),
    title_en: manifest === null ? null : harmless(manifest.title.en),
    manifest: manifest === null ? null : hex(manifest.hash),
    board: board === null ? null : hex(board.root),
    ballots: board?.size ?? null,
  };
}

function peopleOf(on: Case, passed: ReadonlySet<string>): Pick<Report, "cosigned" | "absent"> {
  const [agreement, shares, vote] = [on.found("agreement"), on.found("shares"), on.found("vote")];
  const name = (trustee: number): string => harmless(vote?.trustees[trustee - 1] ?? "?");
  return {
    cosigned:
      agreement === null || !passed.has("11.3")
        ? null
        : agreement.map(({ trustee, at }) => ({ trustee, name: name(trustee), at })),
    absent:
      shares === null || !passed.has("12.2")
        ? null
        : absentOf(shares).map((trustee) => ({ trustee, name: name(trustee) })),
  };
}

const MOST = 300;

/**
 * Foreign text as it may be shown: no control characters, no marks that turn the direction of reading, not
 * endless.
 */
function harmless(text: string): string {
  const shown = text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (c) => `\\u${(c.codePointAt(0) as number).toString(16).padStart(4, "0")}`,
  );
  return shown.length <= MOST ? shown : `${shown.slice(0, MOST)}…`;
}
