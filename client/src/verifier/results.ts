// The results file (docs/protocol.md 13.2, 13.3): computed anew from the counts, and compared value by value.

import type { Atom } from "./atoms.ts";
import type { Attendance, Numbers } from "./attendance.ts";
import { Field } from "./fields.ts";
import type { Json } from "./json.ts";
import type { Contest, Vote } from "./manifest.ts";
import type { Plan } from "./plan.ts";
import { refuse } from "./refused.ts";
import { judge } from "./rule.ts";

/** The figures of one contest, as they must stand in the results; outcome and watch by 13.3. */
export interface Entry {
  readonly contest: Contest;
  readonly summoned: number;
  /** Whether fewer than k ballots were returned: which of the two sentences a withheld contest has. */
  readonly few: boolean;
  /** Null where it is withheld. */
  readonly counted: Counted | null;
}

export interface Counted {
  readonly present: number;
  readonly issued: number;
  readonly returned: number;
  readonly levels: Readonly<Record<string, number>>;
  readonly notMarked: number;
  readonly denominator: number;
  readonly percent: Readonly<Record<string, string | null>>;
  readonly breakdown: Json;
  readonly outcome: string;
  readonly watch: readonly string[];
}

function total(numbers: readonly number[], panels: Atom | Uint32Array): number {
  let sum = 0;
  panels.forEach((p) => (sum += numbers[p] as number));
  return sum;
}

/** What the results must say, from the counts of 12.5. */
export function computed(
  vote: Vote,
  plan: Plan,
  counts: readonly (readonly number[])[],
  numbers: Numbers,
  attendance: Attendance,
): readonly Entry[] {
  let s = 0;
  return vote.contests.map((contest, c) => {
    const summoned = total(numbers.summoned, contest.panels);
    const atoms = plan.contests[c];
    const few = total(numbers.returned, contest.panels) < vote.k;
    if (atoms === null || atoms === undefined) return { contest, summoned, few, counted: null };
    const own = counts.slice(s, s + atoms.length);
    s += atoms.length;
    const present = total(attendance.present, contest.panels);
    const [issued, returned] = [
      total(numbers.issued, contest.panels),
      total(numbers.returned, contest.panels),
    ];
    const levels = named(
      vote,
      vote.rule.levels.map((_, j) => own.reduce((sum, each) => sum + (each[j] as number), 0)),
    );
    const denominator = vote.rule.denominator === "returned" ? returned : summoned;
    const judged = attendance.frozen.includes(c)
      ? { outcome: "frozen", watch: [] }
      : judge(vote.rule, { levels, returned, summoned, present }, contest.previous);
    return {
      contest,
      summoned,
      few,
      counted: {
        ...{ present, issued, returned, levels, denominator, ...judged },
        notMarked: returned - marked(levels),
        percent: Object.fromEntries(
          Object.entries(levels).map(([level, n]) => [level, percent(n, denominator)]),
        ),
        breakdown: atoms.map((atom, a) => {
          const cast = total(numbers.returned, atom);
          const marks = named(vote, own[a] as readonly number[]);
          return {
            units: atom.map((p) => vote.panels[p]?.unit as string),
            returned: cast,
            levels: marks,
            not_marked: cast - marked(marks),
          };
        }),
      },
    };
  });
}

function named(vote: Vote, counts: readonly number[]): Readonly<Record<string, number>> {
  return Object.fromEntries(vote.rule.levels.map((level, j) => [level, counts[j] as number]));
}

function marked(levels: Readonly<Record<string, number>>): number {
  return Object.values(levels).reduce((sum, n) => sum + n, 0);
}

/** n of all, in percent with two decimals, half up; null of nothing. Whole numbers all the way. */
export function percent(n: number, all: number): string | null {
  if (all === 0) return null;
  const hundredths = (20000n * BigInt(n) + BigInt(all)) / (2n * BigInt(all));
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, "0")}`;
}

/** What is null of a withheld contest, and the rest. */
const COUNTED = [
  "present",
  "issued",
  "returned",
  "levels",
  "not_marked",
  "denominator",
  "percent",
  "outcome",
  "watch",
] as const;
const NAMES = ["person", "name", "unit", "summoned", ...COUNTED, "withheld", "breakdown"] as const;
export type Row = Readonly<Record<(typeof NAMES)[number], Field>>;

function withheldFor(few: boolean, k: number): Json {
  return few
    ? {
        vi: `Ẩn kết quả: số phiếu thu về ít hơn ${k}, không đủ để bảo vệ người ghi phiếu.`,
        en: `Withheld: fewer than ${k} ballots were returned, too few to protect the voters.`,
      }
    : {
        vi: `Ẩn kết quả: cùng với kết quả ở đơn vị khác của người này sẽ lộ nhóm ít hơn ${k} phiếu.`,
        en: `Withheld: beside this person's result elsewhere it would tell of fewer than ${k} ballots.`,
      };
}

/** 13.2, all but the outcomes: the rows, for 13.3. */
export function checkResults(raw: Uint8Array, vote: Vote, entries: readonly Entry[]): readonly Row[] {
  const { survey, preset, year, k, contests } = Field.document(raw, "results").object(
    "survey",
    "preset",
    "year",
    "k",
    "contests",
  );
  survey.is(vote.survey);
  preset.is(vote.rule.name);
  year.is(vote.year);
  k.is(vote.k);
  return contests.list(entries.length, entries.length).map((field, c) => {
    const row = field.object(...NAMES);
    const { contest, summoned, few, counted } = entries[c] as Entry;
    const wanted: Record<string, Json> = {
      person: contest.person,
      name: contest.name,
      unit: contest.unit,
      summoned,
    };
    if (counted === null) {
      wanted["withheld"] = withheldFor(few, vote.k);
      for (const name of COUNTED) wanted[name] = null;
      wanted["breakdown"] = [];
    } else {
      const { present, issued, returned, levels, notMarked, percent: percents, breakdown } = counted;
      Object.assign(wanted, {
        present,
        issued,
        returned,
        levels,
        not_marked: notMarked,
        percent: percents,
        withheld: null,
        breakdown,
      });
      wanted["denominator"] = { name: vote.rule.denominator, n: counted.denominator };
    }
    for (const [name, value] of Object.entries(wanted)) equal(row[name as keyof Row], value);
    return row;
  });
}

/** 13.3. */
export function checkOutcomes(rows: readonly Row[], entries: readonly Entry[]): void {
  entries.forEach(({ counted }, c) => {
    if (counted === null) return;
    equal((rows[c] as Row).outcome, counted.outcome);
    equal((rows[c] as Row).watch, counted.watch);
  });
}

/** The same value, whatever the order of names. */
export function equal(field: Field, wanted: Json): void {
  const { value } = field;
  if (wanted === null || typeof wanted !== "object") {
    field.is(wanted);
    return;
  }
  if (value === null || typeof value !== "object" || Array.isArray(value) !== Array.isArray(wanted))
    refuse(field.where, "is of another kind");
  const [given, names] = [value as Readonly<Record<string, Json>>, Object.keys(wanted)];
  if (Object.keys(given).length !== names.length || !names.every((name) => Object.hasOwn(given, name)))
    refuse(field.where, "has other entries");
  for (const name of names)
    equal(
      new Field(given[name] as Json, Array.isArray(given) ? Number(name) : name, field),
      (wanted as Readonly<Record<string, Json>>)[name] as Json,
    );
}
