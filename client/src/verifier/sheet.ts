// The minutes as a table, out of what the checks have computed (docs/protocol.md 13.6): nothing in it was
// taken from the server's word.

import type { Case } from "./case.ts";

export interface SheetRow {
  readonly name: string;
  readonly unit: string;
  /** Null where the result is withheld. */
  readonly counted: {
    readonly returned: number;
    /** Count and percent by level, in the rule's order. */
    readonly levels: readonly {
      readonly id: string;
      readonly count: number;
      readonly percent: string | null;
    }[];
    readonly notMarked: number;
    readonly denominator: number;
    readonly outcome: string;
  } | null;
}

/** What a member of the committee reads before it signs. */
export interface Sheet {
  readonly title: { readonly vi: string; readonly en: string };
  readonly organisation: string;
  readonly rule: string;
  readonly levels: readonly { readonly id: string; readonly vi: string; readonly en: string }[];
  readonly outcomes: readonly { readonly id: string; readonly vi: string; readonly en: string }[];
  readonly denominator: "returned" | "summoned";
  readonly summoned: number;
  readonly present: number;
  readonly issued: number;
  readonly returned: number;
  readonly replaced: number;
  readonly chair: string;
  readonly secretary: string;
  readonly custodian: string;
  readonly committee: readonly string[];
  readonly countedBy: readonly string[];
  readonly absent: readonly string[];
  readonly timeZone: string;
  readonly log: readonly {
    readonly at: string;
    readonly act: string;
    readonly by: string;
    readonly until: string | null;
    readonly reason: string;
  }[];
  readonly frozen: readonly { readonly contest: number; readonly reason: string }[];
  readonly incidents: readonly string[];
  readonly complaints: readonly { readonly complaint: string; readonly ruling: string }[];
  readonly rows: readonly SheetRow[];
  readonly typeset: boolean;
}

/** After check 13.5 has held. */
export function sheetOf(on: Case): Sheet {
  const [vote, attendance, numbers, shares] = [
    on.get("vote"),
    on.get("attendance"),
    on.numbers(),
    on.get("shares"),
  ];
  const sum = (of: readonly number[]): number => of.reduce((all, n) => all + n, 0);
  const named = (members: readonly number[]): readonly string[] =>
    members.map((m) => vote.trustees[m - 1] as string);
  const { log, frozen, incidents, complaints } = attendance.repeated;
  return {
    title: vote.title,
    organisation: vote.organisation,
    rule: vote.rule.name,
    levels: vote.rule.words.levels,
    outcomes: vote.rule.words.outcomes,
    denominator: vote.rule.denominator,
    summoned: sum(numbers.summoned),
    present: sum(attendance.present),
    issued: sum(numbers.issued),
    returned: sum(numbers.returned),
    replaced: on.get("roll").replaced.length,
    chair: attendance.chair,
    secretary: attendance.secretary,
    custodian: attendance.custodian,
    committee: vote.trustees,
    countedBy: named(shares.map((share) => share.trustee)),
    absent: named([...new Set(shares.flatMap((share) => share.absent))].sort((a, b) => a - b)),
    timeZone: vote.timeZone,
    log: log as unknown as Sheet["log"],
    frozen: frozen as unknown as Sheet["frozen"],
    incidents: incidents as unknown as Sheet["incidents"],
    complaints: complaints as unknown as Sheet["complaints"],
    rows: on.get("entries").map(({ contest, counted }) => ({
      name: contest.name,
      unit: contest.unit,
      counted:
        counted === null
          ? null
          : {
              returned: counted.returned,
              levels: vote.rule.levels.map((id) => ({
                id,
                count: counted.levels[id] as number,
                percent: counted.percent[id] as string | null,
              })),
              notMarked: counted.notMarked,
              denominator: counted.denominator,
              outcome: counted.outcome,
            },
    })),
    typeset: on.found("typeset") !== null,
  };
}
