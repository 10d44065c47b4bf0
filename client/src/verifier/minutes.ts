// Minutes, their text, and the certificate under the papers (docs/protocol.md 13.4 – 13.6).

import type { Attendance, Numbers } from "./attendance.ts";
import { type Bytes, hex } from "./bytes.ts";
import { checkSignature } from "./ed25519.ts";
import { Field } from "./fields.ts";
import { sha256, transcript } from "./hashing.ts";
import type { Json } from "./json.ts";
import type { Vote } from "./manifest.ts";
import { hold, refuse } from "./refused.ts";
import { type Entry, equal } from "./results.ts";

export interface Papers {
  readonly results: Bytes;
  readonly roll: Bytes;
  readonly attendance: Bytes;
  readonly minutes: Bytes;
  readonly text: Bytes;
}

/** What was decided before the minutes, by its hash. */
export interface Behind {
  readonly root: Bytes;
  readonly plan: Bytes;
}

/** What the minutes repeat. */
export interface Stated {
  readonly attendance: Attendance;
  readonly numbers: Numbers;
  readonly replaced: number;
  /** The trustees of the valid shares. */
  readonly countedBy: readonly number[];
}

/** 13.4. The hash of the typeset minutes (13.7), null where none were made. */
export function checkMinutes(vote: Vote, papers: Papers, behind: Behind, { attendance, numbers, replaced, countedBy }: Stated): Bytes | null {
  const sum = (of: readonly number[]): number => of.reduce((all, n) => all + n, 0);
  const wanted: Readonly<Record<string, Json>> = {
    format: "tin-nhiem/minutes/1",
    manifest: hex(vote.hash),
    ceremony: hex(vote.ceremony),
    board: hex(behind.root),
    plan: hex(behind.plan),
    results: hex(sha256(papers.results)),
    roll: hex(sha256(papers.roll)),
    replaced,
    software: vote.software,
    rule: vote.rule.name,
    organisation: vote.organisation,
    number: vote.number,
    place: vote.place,
    opened: attendance.opened,
    closed: attendance.closed,
    summoned: sum(numbers.summoned),
    present: sum(attendance.present),
    issued: sum(numbers.issued),
    returned: sum(numbers.returned),
    chair: attendance.chair,
    secretary: attendance.secretary,
    committee: vote.trustees,
    counted_by: countedBy.map((m) => vote.trustees[m - 1] as string),
    custodian: attendance.custodian,
    ...attendance.repeated,
  };
  const names = Object.keys(wanted);
  const it = Field.document(papers.minutes, "minutes").object("pdf", ...names) as Readonly<Record<string, Field>>;
  for (const name of names) equal(it[name] as Field, wanted[name] as Json);
  return (it["pdf"] as Field).orNull((field) => field.hex(32));
}

/** Everything that any viewer of texts takes for the end of a line. */
const LINES = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/;

/** 13.5: the lines that begin with # are those of the contests. */
export function checkText(text: Bytes, vote: Vote, entries: readonly Entry[]): void {
  let read: string;
  try {
    read = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    refuse("minutes.txt", "is no UTF-8");
  }
  const given = read.split(LINES).filter((line) => line.startsWith("#"));
  entries.forEach((entry, c) => hold(given[c] === lineOf(vote, entry, c + 1), `minutes.txt, contest ${c + 1}`, "has another line than its figures give"));
  hold(given.length === entries.length, "minutes.txt", "has a line of a contest that does not exist");
}

function lineOf(vote: Vote, { contest, counted }: Entry, i: number): string {
  const name = `#${i} ${contest.name}; ${contest.unit}; `;
  if (counted === null) return `${name}withheld`;
  const levels = vote.rule.levels.map((level) => `${level} ${counted.levels[level]} (${counted.percent[level] ?? "-"} %)`).join(", ");
  return `${name}returned ${counted.returned}; ${levels}; not marked ${counted.notMarked}; denominator ${vote.rule.denominator} ${counted.denominator}; ${counted.outcome}`;
}

/** 13.6. */
export function checkCertificate(raw: Bytes, vote: Vote, papers: Papers, behind: Behind, signKeys: readonly Bytes[]): void {
  const it = Field.document(raw, "certificate").object("format", "trustee", "results", "attendance", "minutes", "text", "signature");
  it.format.is("tin-nhiem/certificate/1");
  const trustee = it.trustee.integer(1, vote.trustees.length);
  const hashes = [papers.results, papers.attendance, papers.minutes, papers.text].map((each) => sha256(each));
  [it.results, it.attendance, it.minutes, it.text].forEach((field, i) => field.is(hex(hashes[i] as Bytes)));
  const message = transcript("certificate", vote.hash, behind.root, behind.plan, ...hashes);
  checkSignature(signKeys[trustee - 1] as Bytes, message, it.signature.hex(64), it.signature.where);
}
