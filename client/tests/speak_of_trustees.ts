// The trustee's jobs of speak.ts: a TypeScript trustee in a committee, and verdicts on the messages of a
// committee.

import { randomBytes } from "node:crypto";

import { sha256 } from "@noble/hashes/sha2.js";

import { cosignatureJson, decodeAgreement } from "../src/core/agreement.ts";
import { planAtoms } from "../src/core/atoms.ts";
import { decodeBallot } from "../src/core/ballot.ts";
import { decode, encode, Fields, type Json, type JsonObject } from "../src/core/canonical.ts";
import * as ceremony from "../src/core/ceremony.ts";
import * as checks from "../src/core/ceremony_checks.ts";
import { decodeCertificate, encodeCertificate } from "../src/core/certificate.ts";
import { checkIssuance, decodeIssuance } from "../src/core/issuance.ts";
import { decodeDefinition, decodeManifest, type Manifest } from "../src/core/manifest.ts";
import { fromHex, fromText, type Octets, toHex } from "../src/core/octets.ts";
import { decodePlan, type Plan, returned } from "../src/core/plan.ts";
import { decodeRoll, type Roll } from "../src/core/roll_list.ts";
import { Sheet } from "../src/core/secret/deal.ts";
import { Trustee } from "../src/core/secret/trustee.ts";
import { checkShare, readShare, shareJson } from "../src/core/shares.ts";
import {
  ballotsByPanel,
  checkCounts,
  decodeTally,
  openSums,
  type Sum,
  solveAll,
  sumsOf,
} from "../src/core/tally.ts";
import { inWords } from "../src/core/words.ts";
import { Examination, type Given } from "../src/worker/examining.ts";

type Job = Readonly<Record<string, string>>;

const random = (length: number): Octets => new Uint8Array(randomBytes(length));
const agreed = new Map<string, string>();

const text = (job: Job, name: string): string => job[name] ?? "";
const document = (job: Job, name: string): Octets => fromText(text(job, name));
const raw = (job: Job, name: string): Octets => fromHex(text(job, name)) as Octets;
const list = (job: Job, name: string): Json[] => JSON.parse(text(job, name)) as Json[];
const written = (value: JsonObject): string => new TextDecoder().decode(encode(value));
const commitsOf = (job: Job) =>
  list(job, "commits").map((each, i) => checks.readCommit(new Fields(each, "5.1", `commits[${i}]`)));
const dealsOf = (job: Job) =>
  list(job, "deals").map((each, i) => checks.readDeal(new Fields(each, "5.1", `deals[${i}]`)));
const membersOf = (job: Job): Given =>
  Object.fromEntries(
    (list(job, "members") as [string, string][]).map(([name, hex]) => [name, fromHex(hex) as Octets]),
  );
let examination: Examination;
const trusteeOf = (job: Job): Trustee => new Trustee(raw(job, "seed"), Number(job["trustee"]), agreed);
const boardOf = (job: Job): Octets[] =>
  (JSON.parse(text(job, "board")) as string[]).map((each) => fromHex(each) as Octets);

/** What verdicts are given about: set by the job `committee`. */
interface Committee {
  readonly manifest: Manifest;
  readonly record: ceremony.Ceremony;
  readonly keys: ceremony.ElectionKeys;
  readonly plan: Plan;
  readonly byPanel: readonly number[];
  readonly sums: readonly Sum[];
  readonly roll: Roll;
  readonly sheet: Sheet;
}
let committee: Committee;

function message(job: Job, check: string): Fields {
  return new Fields(decode(raw(job, "raw"), check, "message"), check, "message");
}

/** The server asks this before it checks anything (ForeignTrustee). */
function member(trustee: number): boolean {
  return trustee <= committee.manifest.definition.terms.trustees.length;
}

export const TRUSTEE_JOBS: Readonly<Record<string, (job: Job) => unknown>> = {
  commit: (job) =>
    written(ceremony.commitJson(trusteeOf(job).commit(decodeDefinition(document(job, "definition")), 1))),
  deal: (job) => {
    const definition = decodeDefinition(document(job, "definition"));
    return written(ceremony.dealJson(trusteeOf(job).deal(definition, 1, commitsOf(job), random)));
  },
  confirm: (job) => {
    const manifest = decodeManifest(document(job, "manifest"));
    return written(ceremony.confirmJson(trusteeOf(job).confirm(manifest, 1, commitsOf(job), dealsOf(job))));
  },
  /** Check the whole board; what comes back is kept for the jobs behind it. */
  examine: async (job) => {
    const given = membersOf(job);
    examination = new Examination();
    const { agreed, bases } = await examination.board(given);
    return { agreed: toHex(agreed), words: inWords(agreed), sums: bases.length };
  },
  cosign: (job) => {
    const { cosignature, checkpoint } = trusteeOf(job).cosign(examination.examined, text(job, "at"));
    return { cosignature: written(cosignatureJson(cosignature)), checkpoint: toHex(checkpoint) };
  },
  open: (job) => {
    const opening = {
      absent: list(job, "absent") as number[],
      now: text(job, "now"),
      since: text(job, "since"),
    };
    const agreement = decodeAgreement(document(job, "agreement"));
    return written(shareJson(trusteeOf(job).open(examination.examined, agreement, opening)));
  },
  certify: async (job) => {
    const given = membersOf(job);
    const fresh = new Examination();
    await fresh.board(given);
    const papers = await fresh.papers(given);
    const pdf = text(job, "pdf") === "" ? null : sha256(raw(job, "pdf"));
    return { signature: toHex(trusteeOf(job).certify(papers, pdf)), rows: fresh.sheet().rows.length };
  },
  committee: (job) => {
    const manifest = decodeManifest(document(job, "manifest"));
    const record = checks.decodeCeremony(document(job, "ceremony"));
    checks.checkComplete(record, manifest.definition);
    const ballots = boardOf(job).map((each) => decodeBallot(each, manifest));
    const plan = decodePlan(document(job, "plan"));
    committee = {
      manifest,
      record,
      keys: checks.checkKeys(record, manifest),
      plan,
      byPanel: ballotsByPanel(manifest, ballots),
      sums: sumsOf(manifest, ballots, plan),
      roll: decodeRoll(document(job, "roll")),
      sheet: new Sheet(raw(job, "seed"), manifest.definition, record.attempt, 1),
    };
    return toHex(plan.digest);
  },
  "a commit": (job) => {
    const commit = checks.readCommit(message(job, "5.1"));
    if (!member(commit.trustee)) return "foreign";
    const { record, manifest } = committee;
    const others = record.commits.filter((each) => each.trustee !== commit.trustee);
    checks.checkCommits([...others, commit], manifest.definition.digest, record.attempt);
    return "";
  },
  "a deal": (job) => {
    const deal = checks.readDeal(message(job, "5.1"));
    if (!member(deal.trustee)) return "foreign";
    const { record, manifest, sheet } = committee;
    checks.checkDeal(deal, record.commits, manifest.definition, record.attempt);
    return toHex(sheet.secretShare(record.commits, [deal]).encode());
  },
  // Whatever its signature says: a deal's encrypted shares and points have to be judged alike too.
  "a sealed share": (job) => {
    const deal = checks.readDeal(message(job, "5.1"));
    if (!member(deal.trustee) || deal.shares.length === 0) return "foreign";
    return toHex(committee.sheet.secretShare(committee.record.commits, [deal]).encode());
  },
  "a confirm": (job) => {
    const confirm = checks.readConfirm(message(job, "5.1"));
    if (!member(confirm.trustee)) return "foreign";
    const { record, keys, manifest } = committee;
    checks.checkConfirm(confirm, keys, checks.commitOf(record.commits, confirm.trustee).signKey, manifest);
    return "";
  },
  "a ceremony": (job) => {
    const record = checks.decodeCeremony(raw(job, "raw"));
    const { definition } = committee.manifest;
    checks.checkComplete(record, definition);
    checks.checkCommits(record.commits, definition.digest, record.attempt);
    for (const deal of record.deals) checks.checkDeal(deal, record.commits, definition, record.attempt);
    const keys = checks.checkKeys(record, committee.manifest);
    for (const confirm of record.confirms) {
      checks.checkConfirm(
        confirm,
        keys,
        checks.commitOf(record.commits, confirm.trustee).signKey,
        committee.manifest,
      );
    }
    checks.checkRehearsal(record.confirms, keys, definition.terms.threshold);
    return toHex(keys.ceremony);
  },
  "a plan": (job) => {
    const plan = decodePlan(raw(job, "raw"));
    plan.checkAtoms(committee.manifest.definition, committee.byPanel);
    return toHex(plan.digest);
  },
  atoms: (job) => {
    const [ballots, parents] = ["ballots", "parents"].map(
      (name) => new Map(list(job, name) as [string, never][]),
    );
    const atoms = planAtoms(
      ballots as Map<string, number>,
      parents as Map<string, string | null>,
      Number(job["k"]),
    );
    return atoms?.map((atom) => [atom.panels, atom.ballots]) ?? null;
  },
  "a share": (job) => {
    const share = readShare(message(job, "12.3"));
    if (!member(share.trustee)) return "foreign";
    const { manifest, plan, keys, record, sums } = committee;
    const context = { manifest: manifest.hash, board: plan.board, plan: plan.digest };
    const key = checks.verificationKey(keys, share.trustee);
    const { signKey } = checks.commitOf(record.commits, share.trustee);
    checkShare(
      share,
      context,
      key,
      signKey,
      sums.map(([alpha]) => alpha),
      "message",
    );
    return "";
  },
  "a tally": (job) => {
    const tally = decodeTally(raw(job, "raw"));
    const { plan, byPanel, manifest } = committee;
    const levels = manifest.definition.levels.length;
    const most = plan.atoms().map(([, panels]) => returned(byPanel, panels));
    if (tally.shares.some((share) => share.points.length !== tally.sums.length))
      return "other number of points";
    const points = openSums(tally.sums, tally.shares, manifest.definition.terms.threshold);
    checkCounts(tally.counts, points, most, levels);
    return solveAll(points, most, levels);
  },
  "an issuance": (job) => {
    const issuance = decodeIssuance(raw(job, "raw"));
    checkIssuance(issuance, committee.roll);
    return "";
  },
  "a certificate": (job) => toHex(encodeCertificate(decodeCertificate(raw(job, "raw")))),
};
