// Which counts meet the conditions of a rule, as ranges of integers: twin of surveys/rules/regions.py.
//
// Integers of any size: a number of ballots that stands for every number of them (`fine`) may have hundreds
// of digits.

import type { Condition, OutcomeRule, Rule, Year } from "./rule.ts";

const MOST_PIECES = 200;

export interface Axis {
  readonly year: Year;
  readonly level: string;
}
/** From the smallest count to the largest, both meant. */
export type Range = readonly [bigint, bigint];
/** Ranges by year and level; an axis that is not named is free. */
export type Box = ReadonlyMap<string, Range>;
/**
 * N of each year; and 1 for whether last year's figures are known: where they are not, no condition on them
 * holds.
 */
export type Whole = Readonly<Record<Year | "known", bigint>>;
const KNOWN = "known ";

/**
 * Where an outcome or flag is given: disjoint boxes out of `of`; `before` are the outcomes that come first
 * somewhere.
 */
export interface Region {
  readonly left: readonly Box[];
  readonly before: readonly OutcomeRule[];
  readonly of: Whole;
  readonly told: boolean;
}

/** The outcomes cut each other into too many pieces to be told apart in words. */
class Tangled extends Error {}

export const key = (axis: Axis): string => `${axis.year} ${axis.level}`;
const yearOf = (axis: string): keyof Whole => axis.split(" ", 1)[0] as keyof Whole;
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** The counts out of 0…n that meet a condition; none where the first is larger than the second. */
function met(condition: Condition, n: bigint): Range {
  const whole = (BigInt(condition.of) * n) / BigInt(condition.times);
  const exact = (BigInt(condition.of) * n) % BigInt(condition.times) === 0n;
  if (condition.op === ">") return [whole + 1n, n];
  if (condition.op === ">=") return [exact ? whole : whole + 1n, n];
  return [0n, smaller(n, condition.op === "<" && exact ? whole - 1n : whole)];
}

/** The box of conditions that must all hold; null where no counts meet them. */
export function box(conditions: readonly Condition[], of: Whole): Box | null {
  const ranges = new Map<string, Range>();
  for (const condition of conditions) {
    if (condition.year === "last") ranges.set(KNOWN, [1n, 1n]);
    narrow(ranges, key(condition), met(condition, of[condition.year]), of);
  }
  return possible(ranges, of) ? ranges : null;
}

/**
 * Whether some counts lie in the box: no range is empty, and the smallest counts of a year are no more than
 * its N.
 */
function possible(each: Box, of: Whole): boolean {
  for (const [first, last] of each.values()) if (first > last) return false;
  return (["this", "last", "known"] as const).every((year) => least(each, year) <= of[year]);
}

/** What is left of disjoint boxes without another one, as disjoint boxes. Throws Tangled. */
function without(whole: readonly Box[], taken: Box, of: Whole): Box[] {
  const left: Box[] = [];
  for (const each of whole) {
    if (!meet(each, taken, of)) {
      left.push(each);
      continue;
    }
    const ranges = new Map(each);
    for (const [axis, [first, last]] of taken) {
      const [low, high] = ranges.get(axis) ?? [0n, of[yearOf(axis)]];
      for (const cut of [
        [low, first - 1n],
        [last + 1n, high],
      ] as const) {
        const piece = new Map(ranges).set(axis, cut);
        if (possible(piece, of)) left.push(piece);
      }
      narrow(ranges, axis, [first, last], of);
    }
    if (left.length > MOST_PIECES) throw new Tangled();
  }
  return left;
}

/** Whether some counts lie in both. */
function meet(one: Box, other: Box, of: Whole): boolean {
  const ranges = new Map(one);
  for (const [axis, range] of other) narrow(ranges, axis, range, of);
  return possible(ranges, of);
}

/**
 * The counts of one level in one year that occur, whatever the others are: ranges in ascending order that do
 * not touch.
 */
export function countsOf({ left, of }: Region, axis: Axis): Range[] {
  const found = left.map((each): Range => {
    const [first, last] = each.get(key(axis)) ?? [0n, of[axis.year]];
    // All other levels at their least leave the most room for this one.
    return [first, smaller(last, of[axis.year] - least(each, axis.year) + first)];
  });
  const whole: [bigint, bigint][] = [];
  for (const [first, last] of found.sort(byFirst)) {
    const before = whole.at(-1);
    if (before !== undefined && first <= before[1] + 1n) before[1] = larger(before[1], last);
    else whole.push([first, last]);
  }
  return whole;
}

/** Where each outcome, then each watch flag, is given: its own box without those that come first. */
export function given(rule: Rule, of: Whole): Region[] {
  const boxes = rule.outcomes.map((each) => box(each.all, of));
  const outcomes = boxes.map((own, i): Region => {
    if (own === null) return { left: [], before: [], of, told: true };
    const first = rule.outcomes.slice(0, i).flatMap((other, j): [OutcomeRule, Box][] => {
      const taken = boxes[j] as Box | null;
      return taken !== null && meet(own, taken, of) ? [[other, taken]] : [];
    });
    const before = first.map(([other]) => other);
    try {
      return {
        left: first.reduce((left, [, taken]) => without(left, taken, of), [own]),
        before,
        of,
        told: true,
      };
    } catch (error) {
      if (!(error instanceof Tangled)) throw error;
      return { left: [own], before, of, told: false };
    }
  });
  const flags = rule.watch.map((each): Region => {
    const own = box(each.all, of);
    return { left: own === null ? [] : [own], before: [], of, told: true };
  });
  return [...outcomes, ...flags];
}

/** A number of ballots so large that whatever any number of them could do, this one can do too. */
export function fine(outcomes: readonly OutcomeRule[], year: Year, levels: number): bigint {
  let whole = 1n;
  for (const each of outcomes.flatMap((rule) => rule.all).filter((condition) => condition.year === year)) {
    const times = BigInt(each.times);
    whole = (whole / gcd(whole, times)) * times;
  }
  return whole * BigInt(levels + 1);
}

export function byFirst(a: Range, b: Range): number {
  const by = a[0] === b[0] ? a[1] - b[1] : a[0] - b[0];
  return by < 0n ? -1 : by > 0n ? 1 : 0;
}

function narrow(ranges: Map<string, Range>, axis: string, [first, last]: Range, of: Whole): void {
  const [low, high] = ranges.get(axis) ?? [0n, of[yearOf(axis)]];
  ranges.set(axis, [larger(low, first), smaller(high, last)]);
}

function least(each: Box, year: keyof Whole): bigint {
  let sum = 0n;
  for (const [axis, [first]] of each) if (yearOf(axis) === year) sum += first;
  return sum;
}
