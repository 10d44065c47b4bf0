// The checks of docs/protocol.md 14.2, in its order: what each reads, what it holds, what it leaves to those
// behind it.

import { checkAgreement, checkOpenings, readAgreement } from "./agreement.ts";
import { checkAttendance, readAttendance } from "./attendance.ts";
import { walk } from "./board.ts";
import type { Case } from "./case.ts";
import {
  checkCommits,
  checkConfirms,
  checkDeals,
  checkKeys,
  checkPossession,
  checkRehearsal,
  readCeremony,
} from "./ceremony.ts";
import { checkBox, checkCosignatures, checkText as checkHead, readCheckpoint } from "./checkpoint.ts";
import type { BallotCheck, Refusal } from "./hand.ts";
import { checkConsistency, readManifest } from "./manifest.ts";
import {
  type Behind,
  checkCertificate,
  checkMinutes,
  checkText,
  expectedMinutes,
  type Papers,
} from "./minutes.ts";
import type { Minutes } from "./minutes_text.ts";
import { checkAtoms, checkPlan, readPlan } from "./plan.ts";
import { hold, Refused } from "./refused.ts";
import { checkOutcomes, checkResults, computed } from "./results.ts";
import { checkBlinded, checkIssuance, checkReplaced, checkRoll, readIssuance, readRoll } from "./roll.ts";
import {
  checkCounts,
  checkShare,
  checkSums,
  chosen,
  readCounts,
  readTally,
  type Share,
  sumsOf,
} from "./tally.ts";
import { readTokenKey } from "./tokens.ts";
import { Archive, MEMBERS } from "./zip.ts";

export type Check = (on: Case) => void | Promise<void>;

/** 14.1: every member is unpacked once, to its announced length and checksum. */
function zip(on: Case): void {
  const archive = Archive.open(on.source);
  const total = MEMBERS.reduce((sum, name) => sum + archive.size(name), 0);
  let done = 0;
  for (const name of MEMBERS) {
    for (const piece of archive.pieces(name)) {
      done += piece.length;
      on.progress("14.1", done, total);
    }
  }
  on.leave("archive", archive);
}

function ceremonyKeys(on: Case): void {
  const [vote, ceremony] = [on.get("vote"), on.get("ceremony")];
  checkCommits(vote, ceremony);
  on.leave(
    "signKeys",
    ceremony.commits.map((commit) => commit.signKey),
  );
}

function deals(on: Case): void {
  on.get("signKeys");
  on.leave("points", checkDeals(on.get("vote"), on.get("ceremony")));
}

function possession(on: Case): void {
  on.get("points");
  checkPossession(on.get("vote"), on.get("ceremony"));
}

function confirms(on: Case): void {
  checkConfirms(on.get("vote"), on.get("ceremony"), on.get("keys"));
}

function rehearsal(on: Case): void {
  on.get("keys");
  checkRehearsal(on.get("vote"), on.get("ceremony"));
}

function roll(on: Case): void {
  const vote = on.get("vote");
  checkRoll(on.leave("roll", readRoll(on.read("roll.json"), vote)), vote);
}

function tokenKeys(on: Case): void {
  const keys = on.get("vote").panels.map((panel) => panel.tokenKey);
  on.leave(
    "moduli",
    keys.map((key, p) => readTokenKey(key, `manifest.definition.panels[${p}].token_key`)),
  );
}

function issuance(on: Case): void {
  const held = on.get("roll");
  checkIssuance(on.leave("issuance", readIssuance(on.read("issuance.json"), on.get("vote"))), held);
}

const REQUESTS = 100;

/** 7.2, shared out among the hands. */
async function requests(on: Case): Promise<void> {
  const panels = on.get("issuance");
  const [labour, total] = [await on.hands(), panels.reduce((sum, records) => sum + records.length, 0)];
  const underWay: { readonly size: number; readonly answer: Promise<Refusal | null> }[] = [];
  let [done, refusal] = [0, null as Refusal | null];
  const gather = async (): Promise<void> => {
    const first = underWay.shift();
    if (first === undefined) return;
    refusal ??= await first.answer;
    done += first.size;
    on.progress("7.2", done, total);
  };
  for (const [panel, records] of panels.entries()) {
    for (let first = 0; first < records.length; first += REQUESTS) {
      if (underWay.length >= 2 * labour.hands) await gather();
      const issued = records.slice(first, first + REQUESTS);
      const answer = labour.requests({ panel, first, issued });
      answer.catch(() => undefined);
      underWay.push({ size: issued.length, answer });
    }
  }
  while (underWay.length > 0) await gather();
  if (refusal !== null) throw new Refused(refusal.where, refusal.why);
}

/** 8.2, and with it all that the checks behind it say of single ballots: the board is walked once. */
async function ballots(on: Case): Promise<void> {
  const archive = on.get("archive");
  const question = on.question();
  const size = archive.size("board.bin");
  const board = on.leave(
    "walked",
    await walk(archive.pieces("board.bin"), size, question, await on.hands(), (done) =>
      on.progress("8.2", done, size),
    ),
  );
  const refusal = board.refusals["8.2"];
  if (refusal !== undefined) throw new Refused(refusal.where, refusal.why);
  on.leave("board", board);
}

/** What the walk has found out about single ballots. */
function walked(check: BallotCheck | "10.1" | "8.6"): Check {
  return (on) => {
    const refusal = on.get("board").refusals[check];
    if (refusal !== undefined) throw new Refused(refusal.where, refusal.why);
  };
}

/** 8.3 needs the token keys too. */
function tokens(on: Case): void {
  on.get("moduli");
  walked("8.3")(on);
}

/** 10.5. */
function papers(on: Case): void {
  const [{ byPanel }, issued] = [on.get("board"), on.get("issuance")];
  byPanel.forEach((ballots, p) =>
    hold(
      ballots <= (issued[p]?.length ?? 0),
      `board, panel ${p}`,
      `holds ${ballots} ballots for ${issued[p]?.length ?? 0} papers`,
    ),
  );
}

function checkpoint(on: Case): void {
  const { root, size } = on.get("walked");
  const vote = on.get("vote");
  checkHead(
    on.leave("checkpoint", readCheckpoint(on.read("checkpoint.txt"))),
    vote.survey,
    vote.hash,
    size,
    root,
  );
}

function cosignatures(on: Case): void {
  const vote = on.get("vote");
  checkCosignatures(on.get("checkpoint"), vote.survey, on.get("signKeys"), vote.threshold);
}

function plan(on: Case): void {
  const [vote, board] = [on.get("vote"), on.get("board")];
  checkPlan(on.leave("plan", readPlan(on.read("plan.json"), vote)), vote, board);
}

/** 11.3. */
function agreement(on: Case): void {
  const [vote, signKeys] = [on.get("vote"), on.get("signKeys")];
  on.get("board");
  const { root, plan: hash } = behind(on);
  const given = on.leave("agreement", readAgreement(on.read("agreement.json")));
  checkAgreement(given, vote, root, hash, signKeys);
}

function openings(on: Case): void {
  const given = on.get("agreement");
  checkOpenings(on.get("shares"), on.get("vote"), given);
}

function sums(on: Case): void {
  const [given, vote, board] = [on.get("plan"), on.get("vote"), on.get("board")];
  const tally = on.leave("tally", readTally(on.read("tally.json")));
  checkSums(tally, given, on.leave("sums", sumsOf(given, vote, board.byPanel, board.sums)));
}

/**
 * 12.3: each share is judged; the first that does not hold is named, and those that do are left to be used.
 */
function shares(on: Case): void {
  const statement = {
    vote: on.get("vote"),
    root: on.get("walked").root,
    plan: on.get("plan"),
    sums: on.get("sums"),
    keys: on.get("keys"),
    signKeys: on.get("signKeys"),
  };
  const fields = on.get("tally").shares.list();
  const valid: Share[] = [];
  let first: Refused | null = null;
  fields.forEach((field, i) => {
    on.progress("12.3", i, fields.length);
    try {
      valid.push(checkShare(field, statement));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      first ??= error;
    }
  });
  on.leave("shares", valid);
  if (first !== null) throw first;
}

function counts(on: Case): void {
  const [given, those] = [on.get("sums"), on.get("chosen")];
  checkCounts(
    on.leave("counts", readCounts(on.get("tally"), given, on.get("vote").rule.levels.length)),
    given,
    those,
  );
}

function attendance(on: Case): void {
  const [vote, numbers] = [on.get("vote"), on.numbers()];
  checkAttendance(on.leave("attendance", readAttendance(on.read("attendance.json"), vote)), numbers, vote);
}

function results(on: Case): void {
  const vote = on.get("vote");
  const entries = on.leave(
    "entries",
    computed(vote, on.get("plan"), on.get("counts"), on.numbers(), on.get("attendance")),
  );
  on.leave("rows", checkResults(on.read("results.json"), vote, entries));
}

function filesOf(on: Case): Papers {
  return {
    results: on.read("results.json"),
    roll: on.read("roll.json"),
    attendance: on.read("attendance.json"),
    minutes: on.read("minutes.json"),
    text: on.read("minutes.txt"),
  };
}

function behind(on: Case): Behind {
  return { root: on.get("walked").root, plan: on.get("plan").hash };
}

function minutesOf(on: Case): Minutes {
  on.get("rows");
  on.get("chosen");
  const stated = {
    attendance: on.get("attendance"),
    numbers: on.numbers(),
    replaced: on.get("roll").replaced.length,
    chosen: on.get("shares"),
  };
  return expectedMinutes(on.get("vote"), filesOf(on), behind(on), stated);
}

function minutes(on: Case): void {
  const typeset = checkMinutes(on.read("minutes.json"), minutesOf(on));
  if (typeset !== null) on.leave("typeset", typeset);
}

function text(on: Case): void {
  checkText(on.read("minutes.txt"), on.get("vote"), on.get("entries"), minutesOf(on));
}

function certificate(on: Case): void {
  checkCertificate(on.read("certificate.json"), on.get("vote"), filesOf(on), behind(on), on.get("signKeys"));
}

export const CHECKS: readonly (readonly [string, Check])[] = [
  ["14.1", zip],
  ["4.1", (on) => void on.leave("manifest", readManifest(on.read("manifest.json")))],
  ["4.2", (on) => void on.leave("vote", checkConsistency(on.get("manifest")))],
  ["5.1", (on) => void on.leave("ceremony", readCeremony(on.read("ceremony.json"), on.get("vote")))],
  ["5.2", ceremonyKeys],
  ["5.3", deals],
  ["5.4", possession],
  ["5.5", (on) => void on.leave("keys", checkKeys(on.get("vote"), on.get("ceremony"), on.get("points")))],
  ["5.6", confirms],
  ["5.7", rehearsal],
  ["6.3", roll],
  ["6.4", (on) => checkReplaced(on.get("roll"))],
  ["7.1", tokenKeys],
  ["7.5", issuance],
  ["7.3", (on) => checkBlinded(on.get("issuance"), on.get("moduli"))],
  ["7.2", requests],
  ["8.2", ballots],
  ["10.1", walked("10.1")],
  ["8.6", walked("8.6")],
  ["8.3", tokens],
  ["8.4", walked("8.4")],
  ["8.5", walked("8.5")],
  ["10.5", papers],
  ["10.2", checkpoint],
  ["10.3", (on) => checkBox(on.get("checkpoint"), on.get("vote").survey, on.get("vote").boxKey)],
  ["10.4", cosignatures],
  ["11.1", plan],
  ["11.2", (on) => checkAtoms(on.get("plan"), on.get("vote"), on.get("board").byPanel)],
  ["11.3", agreement],
  ["12.1", sums],
  ["12.3", shares],
  ["12.2", openings],
  ["12.4", (on) => void on.leave("chosen", chosen(on.get("shares"), on.get("vote")))],
  ["12.5", counts],
  ["13.1", attendance],
  ["13.2", results],
  ["13.3", (on) => checkOutcomes(on.get("rows"), on.get("entries"))],
  ["13.4", minutes],
  ["13.5", text],
  ["13.6", certificate],
];
