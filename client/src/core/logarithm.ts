// The packed logarithm (docs/protocol.md 12.5): V = (n_1 + n_2·B + …)·G is solved by baby steps and giant
// steps. Its twin is PackedLogarithm of tally.py; here points are compared by `Point.identify`, since an
// encoding costs thirty additions.

import { valuePoint } from "./choice_proof.ts";
import { Inconsistent } from "./errors.ts";
import { IDENTITY, Point, Scalar } from "./group.ts";

/** Most entries of a table: about 50 MB. */
const MOST_ENTRIES = 2 ** 19;
const FILLED_AT_ONCE = 1024;
const TRIED_AT_ONCE = 64;

/**
 * The table holds all n_1 … n_depth with n_depth < width; giant steps do the rest, n_depth in strides of
 * width.
 */
interface Shape {
  readonly depth: number;
  readonly width: number;
}

interface Step {
  readonly at: Point;
  readonly taken: readonly number[];
  readonly left: number;
}

export class PackedLogarithm {
  private readonly _levels: number;
  private readonly _most: number;
  private readonly _shape: Shape;
  private readonly _strides: readonly (readonly [Point, number])[];
  private readonly _table = new Map<bigint, number>();

  /**
   * For `sums` sums of at most `most` ballots each: with more sums the table is larger and each search
   * shorter.
   */
  constructor(levels: number, most: number, sums = 1) {
    this._levels = levels;
    this._most = most;
    this._shape = bestShape(levels, most, sums);
    const { depth, width } = this._shape;
    const units = Array.from({ length: levels }, (_, j) => valuePoint(j + 1));
    const first = (units[depth - 1] as Point).timesPublic(Scalar.of(BigInt(width)));
    this._strides = [[first, width], ...units.slice(depth).map((unit) => [unit, 1] as const)];
    this._fill(units);
  }

  private _fill(units: readonly Point[]): void {
    let [points, codes]: [Point[], number[]] = [[], []];
    const write = (): void => {
      Point.identify(points).forEach((number, i) => this._table.set(number, codes[i] as number));
      [points, codes] = [[], []];
    };
    const walk = (axis: number, from: Point, left: number, code: number): void => {
      const last = axis === this._shape.depth - 1 ? Math.min(left, this._shape.width - 1) : left;
      let at = from;
      for (let n = 0; n <= last; n++) {
        if (n > 0) at = at.plus(units[axis] as Point);
        const packed = code * (this._most + 1) + n;
        if (axis > 0) walk(axis - 1, at, left - n, packed);
        else if (points.push(at) && codes.push(packed) === FILLED_AT_ONCE) write();
      }
    };
    walk(this._shape.depth - 1, IDENTITY, this._most, 0);
    write();
  }

  /** [n_1, …, n_L]. Refuses, check "12.5", when there is no solution for so many ballots. */
  solve(opened: Point, ballots: number): number[] {
    if (ballots > this._most) throw new RangeError("more ballots than this table was made for");
    let tried: Step[] = [];
    for (const step of this._steps(opened, ballots, this._strides.length - 1, [])) {
      if (tried.push(step) < TRIED_AT_ONCE) continue;
      const found = this._find(tried);
      if (found !== null) return found;
      tried = [];
    }
    const found = this._find(tried);
    if (found === null)
      throw new Inconsistent("12.5", "tally.counts", "the opened sum is not a sum of valid choices");
    return found;
  }

  /** Every choice of n_depth in strides and of the levels above it, few ballots first. */
  private *_steps(opened: Point, left: number, axis: number, taken: readonly number[]): Generator<Step> {
    if (axis < 0) {
      yield { at: opened, taken, left };
      return;
    }
    const [stride, size] = this._strides[axis] as readonly [Point, number];
    let at = opened;
    for (let n = 0; n <= left; n += size) {
      if (n > 0) at = at.minus(stride);
      yield* this._steps(at, left - n, axis - 1, [n, ...taken]);
    }
  }

  private _find(steps: readonly Step[]): number[] | null {
    const numbers = Point.identify(steps.map((step) => step.at));
    for (const [i, step] of steps.entries()) {
      const code = this._table.get(numbers[i] as bigint);
      const small = code === undefined ? null : this._unpacked(code);
      if (small !== null && small.reduce((a, b) => a + b, 0) <= step.left) {
        const [onDepth = 0, ...above] = step.taken;
        const last = (small[this._shape.depth - 1] as number) + onDepth;
        return [...small.slice(0, -1), last, ...above];
      }
    }
    return null;
  }

  private _unpacked(code: number): number[] {
    const counts: number[] = [];
    for (let left = code; counts.length < this._shape.depth; left = Math.floor(left / (this._most + 1))) {
      counts.push(left % (this._most + 1));
    }
    return counts;
  }

  toString(): string {
    return `PackedLogarithm(${this._levels} levels, ${this._most} ballots, ${this._table.size} entries)`;
  }
}

/**
 * The cheapest table: its entries, and for each sum the giant steps tried until the solution is met, half of
 * all on average.
 */
function bestShape(levels: number, most: number, sums: number): Shape {
  let best: Shape & { cost: number } = { depth: 1, width: 1, cost: Infinity };
  for (let depth = 1; depth <= levels; depth++) {
    for (let width = 1; ; width = Math.min(2 * width, most + 1)) {
      const entries = lists(depth, most) - (width > most ? 0 : lists(depth, most - width));
      const steps = giantSteps(levels - depth, most, width);
      const cost = entries + (sums * steps) / 2;
      if (entries <= MOST_ENTRIES && cost < best.cost) best = { depth, width, cost };
      if (width > most) break;
    }
  }
  return best;
}

/** Lists of `length` counts that are together at most `most`: the binomial (most + length over length). */
function lists(length: number, most: number): number {
  let number = 1;
  for (let i = 1; i <= length; i++) number = (number * (most + i)) / i;
  return number;
}

function giantSteps(above: number, most: number, width: number): number {
  let steps = 0;
  for (let taken = 0; taken <= most; taken += width) steps += lists(above, most - taken);
  return steps;
}
