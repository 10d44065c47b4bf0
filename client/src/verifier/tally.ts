// Sums, shares and counts (docs/protocol.md §12): what was opened is what the board adds up to, opened by the
// trustees' own key.

import { type Bytes, concat, hex, littleEndian, same, u32 } from "./bytes.ts";
import { type Keys, lagrange } from "./ceremony.ts";
import { NEUTRAL, POINT, plus } from "./curve.ts";
import { checkSignature } from "./ed25519.ts";
import { ascend, Field } from "./fields.ts";
import { type PanelSums, weights } from "./hand.ts";
import { challenge, hash64, transcript } from "./hashing.ts";
import type { Vote } from "./manifest.ts";
import { sumOfMultiples } from "./multiples.ts";
import type { Plan } from "./plan.ts";
import type { Limbs } from "./products.ts";
import { hold } from "./refused.ts";
import {
  decodeInto,
  encode,
  GENERATOR,
  isEqual,
  isIdentity,
  modulo,
  readPoint,
  readScalar,
  sum,
  weighted,
} from "./ristretto.ts";

/** The sums of 12.1, first and second components, as the board gives them. */
export interface Sums {
  readonly alphas: Limbs;
  readonly betas: Limbs;
  readonly encodedAlphas: readonly Bytes[];
  readonly encodedBetas: readonly Bytes[];
  /** How many ballots each is of. */
  readonly ballots: readonly number[];
}

export interface Share {
  readonly trustee: number;
  /** Whose cosignatures it went by, and whom it names absent (12.2); where it stands. */
  readonly cosigned: readonly number[];
  readonly absent: readonly number[];
  readonly where: string;
  readonly points: Limbs;
}

export interface TallyFile {
  readonly plan: Bytes;
  readonly sums: Field;
  readonly shares: Field;
  readonly counts: Field;
}

/** Add up the panels' sums to those of the plan's atoms. */
export function sumsOf(plan: Plan, vote: Vote, byPanel: readonly number[], panelSums: PanelSums): Sums {
  const many = plan.contests.reduce((all, atoms) => all + (atoms?.length ?? 0), 0);
  const [alphas, betas] = [new Float64Array(many * POINT), new Float64Array(many * POINT)];
  const ballots: number[] = [];
  plan.contests.forEach((atoms, c) => {
    for (const atom of atoms ?? []) {
      const at = ballots.length * POINT;
      alphas.set(NEUTRAL, at);
      betas.set(NEUTRAL, at);
      for (const p of atom) {
        const row = vote.panels[p]?.contests.indexOf(c) ?? -1;
        const held = panelSums.get(p);
        if (held === undefined || row < 0) continue;
        plus(alphas, at, alphas, at, held, 2 * row * POINT);
        plus(betas, at, betas, at, held, (2 * row + 1) * POINT);
      }
      ballots.push(atom.reduce((all, p) => all + (byPanel[p] as number), 0));
    }
  });
  const encoded = (of: Limbs): readonly Bytes[] => ballots.map((_, s) => encode(of, s * POINT));
  return { alphas, betas, encodedAlphas: encoded(alphas), encodedBetas: encoded(betas), ballots };
}

/** The tally's outer form; what shares and counts hold is read by their own checks. */
export function readTally(raw: Bytes): TallyFile {
  const { format, plan, sums, shares, counts } = Field.document(raw, "tally").object(
    "format",
    "plan",
    "sums",
    "shares",
    "counts",
  );
  format.is("tin-nhiem/tally/2");
  for (const pair of sums.list()) for (const each of pair.list()) each.hex(32);
  shares.list(0, 15);
  counts.list();
  return { plan: plan.hex(32), sums, shares, counts };
}

/** 12.1. */
export function checkSums(tally: TallyFile, plan: Plan, sums: Sums): void {
  const many = sums.ballots.length;
  hold(same(tally.plan, plan.hash), "tally.plan", "is the hash of another plan");
  tally.sums.list(many, many).forEach((pair, s) => {
    const [alpha, beta] = pair.list(2, 2).map((each) => each.hex(32)) as [Bytes, Bytes];
    const right = same(alpha, sums.encodedAlphas[s] as Bytes) && same(beta, sums.encodedBetas[s] as Bytes);
    hold(right, pair.where, `is not the sum of those ballots, ${hex(sums.encodedAlphas[s] as Bytes)}`);
  });
}

interface Statement {
  readonly vote: Vote;
  readonly root: Bytes;
  readonly plan: Plan;
  readonly sums: Sums;
  readonly keys: Keys;
  readonly signKeys: readonly Bytes[];
}

/** 12.3 of one share: its signature, and its proof for all sums at once. Throws Refused. */
export function checkShare(field: Field, { vote, root, plan, sums, keys, signKeys }: Statement): Share {
  const it = field.object("trustee", "cosigned", "absent", "points", "proof", "signature");
  const trustee = it.trustee.integer(1, vote.trustees.length);
  const [cosigned, absent] = [readMembers(it.cosigned), readMembers(it.absent)];
  const many = sums.ballots.length;
  const encoded = it.points.list(many, many).map((each) => each.hex(32));
  const points = new Float64Array(many * POINT);
  encoded.forEach((raw, s) =>
    hold(decodeInto(points, s * POINT, raw, 0), `${it.points.where}[${s}]`, "is no point of the group"),
  );
  const proof = it.proof.object("g", "a", "response");
  const [g, a] = [proof.g.hex(32), proof.a.hex(32)];
  const [k1, k2] = [readPoint(g, proof.g.where), readPoint(a, proof.a.where, true)];
  const response = proof.response.hex(32);
  const z = readScalar(response, proof.response.where);
  const key = keys.verificationBytes[trustee - 1] as Bytes;
  const h = hash64(
    "share/statement",
    vote.hash,
    root,
    plan.hash,
    concat(...cosigned.map(u32)),
    concat(...absent.map(u32)),
    u32(trustee),
    key,
    concat(...sums.encodedAlphas),
    concat(...encoded),
  );
  checkSignature(
    signKeys[trustee - 1] as Bytes,
    transcript("share", h, g, a, response),
    it.signature.hex(64),
    it.signature.where,
  );
  const rho = sums.ballots.map((_, s) => littleEndian(hash64("share/weight", h, u32(s)).subarray(0, 16)));
  const [base, opened] = [sumOfMultiples(sums.alphas, rho), sumOfMultiples(points, rho)];
  const c = challenge("share/proof", h, g, a);
  hold(
    isEqual(weighted([z, GENERATOR], [-c, keys.verification[trustee - 1] as Limbs]), k1),
    proof.g.where,
    "does not hold for the trustee's key",
  );
  hold(isEqual(weighted([z, base], [-c, opened]), k2), proof.a.where, "does not hold for the sums");
  return { trustee, cosigned, absent, where: field.where, points };
}

const MOST_MEMBERS = 15;

function readMembers(field: Field): readonly number[] {
  return field.integers(0, MOST_MEMBERS, 1, MOST_MEMBERS);
}

/** 12.4: at least t valid shares, trustees strictly ascending; the first t of them. */
export function chosen(valid: readonly Share[], vote: Vote): readonly Share[] {
  ascend(valid, (a, b) => a.trustee - b.trustee, "tally.shares that are valid");
  hold(
    valid.length >= vote.threshold,
    "tally.shares",
    `hold ${valid.length} that are valid, ${vote.threshold} are needed`,
  );
  return valid.slice(0, vote.threshold);
}

const B = 2n ** 24n;

/** Counts in their form: for each sum one of each level, together at most its ballots. */
export function readCounts(tally: TallyFile, sums: Sums, levels: number): readonly (readonly number[])[] {
  const many = sums.ballots.length;
  return tally.counts.list(many, many).map((field, s) => {
    const each = field.integers(levels, levels, 0);
    const all = each.reduce((total, n) => total + n, 0);
    hold(
      all <= (sums.ballots[s] as number),
      field.where,
      `counts ${all} marks on ${sums.ballots[s]} ballots`,
    );
    return each;
  });
}

/** 12.5: each opened sum is what the counts multiply out to. */
export function checkCounts(
  counts: readonly (readonly number[])[],
  sums: Sums,
  shares: readonly Share[],
): void {
  const those = shares.map((share) => share.trustee);
  const lambdas = shares.map((share) => lagrange(share.trustee, those));
  const values = counts.map((each) => each.reduce((total, n, j) => total + BigInt(n) * B ** BigInt(j), 0n));
  if (holds(sums, shares, lambdas, values)) return;
  const part = (of: Limbs, s: number): Limbs => of.slice(s * POINT, (s + 1) * POINT);
  values.forEach((value, s) => {
    const opened = weighted(
      [1n, part(sums.betas, s)],
      ...shares.map((share, i) => [-(lambdas[i] as bigint), part(share.points, s)] as const),
    );
    hold(
      isEqual(opened, weighted([value, GENERATOR])),
      `tally.counts[${s}]`,
      "are not what the sum opens to",
    );
  });
}

/** Σ wₛ(Bₛ − Σ λ_m·D_{m,s} − nₛ·G) = O, with weights that nobody could foresee. */
function holds(
  sums: Sums,
  shares: readonly Share[],
  lambdas: readonly bigint[],
  values: readonly bigint[],
): boolean {
  const weight = weights(shares.map((share) => u32(share.trustee)));
  const w = values.map(() => weight());
  const opened = shares.map(
    (share, i) => [-(lambdas[i] as bigint), sumOfMultiples(share.points, w)] as const,
  );
  const value = values.reduce((total, n, s) => total + n * (w[s] as bigint), 0n);
  return isIdentity(sum(sumOfMultiples(sums.betas, w), weighted(...opened, [-modulo(value), GENERATOR])));
}
