// From the board to counts (docs/protocol.md §12): sums over atoms, the opening by t shares, the tally file.
// Twin of tally.py. All of it is public arithmetic, done again by every trustee and every verifier. The
// packed logarithm is in logarithm.ts.

import { decode, encode, Fields, type Json } from "./canonical.ts";
import { type Ciphertext, value } from "./choice_proof.ts";
import { Inconsistent, Malformed } from "./errors.ts";
import { BASE, IDENTITY, Point, Scalar } from "./group.ts";
import { PackedLogarithm } from "./logarithm.ts";
import { format, type Manifest } from "./manifest.ts";
import { type Octets, toHex } from "./octets.ts";
import { type Panels, type Plan, returned } from "./plan.ts";
import { coefficient, MAX_SUMS, readShare, type Share, shareJson } from "./shares.ts";

const TALLY_FORMAT = "tin-nhiem/tally/2";
const ONE = new Scalar(1n);
const ZERO = new Scalar(0n);

export type Sum = readonly [Point, Point];

/** What counting needs of a ballot: its panel, and a ciphertext for each of the panel's contests. */
export interface Counted {
  readonly panel: number;
  readonly rows: readonly Ciphertext[];
}

/** The tally file (12.6). */
export interface Tally {
  readonly plan: Octets;
  readonly sums: readonly Sum[];
  readonly shares: readonly Share[];
  readonly counts: readonly (readonly number[])[];
}

/** Canonical bytes of the tally file. */
export function encodeTally(tally: Tally): Octets {
  return encode({
    format: TALLY_FORMAT,
    plan: toHex(tally.plan),
    sums: tally.sums.map((pair) => pair.map((point) => toHex(point.encode()))),
    shares: tally.shares.map(shareJson),
    counts: tally.counts,
  });
}

/** Strictly (12.6). Refusals: check "12.1" for the file, "12.3" within a share, "12.5" in counts. */
export function decodeTally(raw: Octets): Tally {
  const fields = new Fields(decode(raw, "12.1", "tally"), "12.1", "tally");
  format(fields, TALLY_FORMAT);
  const tally = {
    plan: fields.hex("plan", 32),
    sums: fields.hexLists("sums", 32).map(readSum),
    shares: fields
      .objects("shares", 15)
      .map((each, i) => readShare(new Fields(each.mapping(), "12.3", `tally.shares[${i}]`))),
    counts: fields.list("counts", MAX_SUMS).map(readCounts),
  };
  fields.done();
  return tally;
}

function readSum(pair: readonly Octets[], s: number): Sum {
  const where = `tally.sums[${s}]`;
  const [alpha, beta, ...rest] = pair;
  if (alpha === undefined || beta === undefined || rest.length > 0)
    throw new Malformed("12.1", where, "not a pair of points");
  return [Point.decode(alpha, "12.1", `${where}[0]`, true), Point.decode(beta, "12.1", `${where}[1]`, true)];
}

function readCounts(each: Json, s: number): number[] {
  const where = `tally.counts[${s}]`;
  if (!Array.isArray(each)) throw new Malformed("12.5", where, "not a list of counts");
  return each.map((n: Json) => {
    if (typeof n !== "number" || n < 0 || n >= 2 ** 24) throw new Malformed("12.5", where, "not a count");
    return n;
  });
}

/** How many ballots each panel returned. */
export function ballotsByPanel(manifest: Manifest, ballots: Iterable<{ readonly panel: number }>): number[] {
  const counts = manifest.definition.terms.panels.map(() => 0);
  for (const ballot of ballots) counts[ballot.panel] = (counts[ballot.panel] as number) + 1;
  return counts;
}

/**
 * Σα and Σβ of each contest of each panel, added up ballot by ballot: atoms of all contests are sums of
 * these.
 */
export class PanelSums {
  private readonly _contests: readonly (readonly number[])[];
  private readonly _sums: Map<number, Sum>[];

  constructor(manifest: Manifest) {
    this._contests = manifest.definition.terms.panels.map((panel) => panel.contests);
    this._sums = this._contests.map(() => new Map<number, Sum>());
  }

  /** Add one ballot whose proofs have been checked. */
  add(ballot: Counted): void {
    const [contests, sums] = [this._contests[ballot.panel], this._sums[ballot.panel]];
    if (contests === undefined || sums === undefined || contests.length !== ballot.rows.length) {
      throw new RangeError("not a ballot of this panel");
    }
    ballot.rows.forEach((row, i) => {
      const contest = contests[i] as number;
      const known = sums.get(contest);
      sums.set(
        contest,
        known === undefined ? [row.alpha, row.beta] : [known[0].plus(row.alpha), known[1].plus(row.beta)],
      );
    });
  }

  /** The sum of one atom (12.1). */
  over(contest: number, panels: Panels): Sum {
    let [alpha, beta] = [IDENTITY, IDENTITY];
    for (const panel of panels) {
      const pair = this._sums[panel]?.get(contest);
      if (pair !== undefined) [alpha, beta] = [alpha.plus(pair[0]), beta.plus(pair[1])];
    }
    return [alpha, beta];
  }

  /** All sums of a plan, flattened in its order (12.1). */
  of(plan: Plan): Sum[] {
    return plan.atoms().map(([contest, panels]) => this.over(contest, panels));
  }
}

/** 12.1 in one go. */
export function sumsOf(manifest: Manifest, ballots: Iterable<Counted>, plan: Plan): Sum[] {
  const sums = new PanelSums(manifest);
  for (const ballot of ballots) sums.add(ballot);
  return sums.of(plan);
}

/**
 * V_s of 12.4 from the first t of the (valid) shares. Interpolating twice at one place would open anything:
 * it is refused.
 */
export function openSums(sums: readonly Sum[], shares: readonly Share[], threshold: number): Point[] {
  if (new Set(shares.map((share) => share.trustee)).size < shares.length) {
    throw new Inconsistent("12.4", "tally.shares", "two shares of one trustee");
  }
  if (shares.length < threshold)
    throw new Inconsistent("12.4", "tally.shares", `fewer than ${threshold} shares`);
  const used = [...shares].sort((a, b) => a.trustee - b.trustee).slice(0, threshold);
  const trustees = used.map((share) => share.trustee);
  const weights = [ONE, ...trustees.map((trustee) => ZERO.minus(coefficient(trustee, trustees)))];
  return sums.map(([, beta], s) =>
    Point.combination([beta, ...used.map((share) => share.points[s] as Point)], weights),
  );
}

/** The counts of every sum (12.5). `ballots` is N_s of each. */
export function solveAll(
  opened: readonly Point[],
  ballots: readonly number[],
  levels: number,
  onSolved: (sums: number) => void = () => undefined,
): number[][] {
  if (opened.length !== ballots.length) throw new RangeError("not one number of ballots for each sum");
  const most = ballots.reduce((a, b) => Math.max(a, b), 0);
  const table = new PackedLogarithm(levels, most, opened.length);
  return opened.map((point, s) => {
    const counts = table.solve(point, ballots[s] as number);
    onSolved(s + 1);
    return counts;
  });
}

/** 12.5: each list multiplies out to what was opened, and fits its number of ballots. */
export function checkCounts(
  counts: readonly (readonly number[])[],
  opened: readonly Point[],
  ballots: readonly number[],
  levels: number,
): void {
  if (counts.length !== opened.length || opened.length !== ballots.length) {
    throw new Inconsistent("12.5", "tally.counts", "not one list for each sum");
  }
  counts.forEach((each, s) => {
    const where = `tally.counts[${s}]`;
    const most = ballots[s] as number;
    const total = each.reduce((a, b) => a + b, 0);
    if (each.length !== levels || each.some((n) => n < 0) || total > most) {
      throw new Inconsistent("12.5", where, `not ${levels} counts of at most ${most} ballots`);
    }
    const packed = each.reduce((sum, n, j) => sum + BigInt(n) * value(j + 1), 0n);
    if (!BASE.timesPublic(Scalar.of(packed)).equals(opened[s] as Point)) {
      throw new Inconsistent("12.5", where, "not what the shares open");
    }
  });
}

/** One atom of a contest's result: its panels, the ballots they returned, n_1 … n_L. */
export interface AtomResult {
  readonly panels: Panels;
  readonly returned: number;
  readonly counts: readonly number[];
}

/** Contest → its atoms with their counts, in order. */
export function resultsByAtom(
  plan: Plan,
  ballots: readonly number[],
  counts: readonly (readonly number[])[],
): Map<number, AtomResult[]> {
  const atoms = plan.atoms();
  if (atoms.length !== counts.length) throw new RangeError("not one list of counts for each atom");
  const byContest = new Map<number, AtomResult[]>();
  atoms.forEach(([contest, panels], s) => {
    const result = { panels, returned: returned(ballots, panels), counts: counts[s] as readonly number[] };
    const known = byContest.get(contest);
    if (known === undefined) byContest.set(contest, [result]);
    else known.push(result);
  });
  return byContest;
}
