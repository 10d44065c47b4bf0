// Minutes, their text, and the certificate under the papers (docs/protocol.md 13.4 – 13.6).

import { absentOf } from "./agreement.ts";
import type { Attendance, Numbers } from "./attendance.ts";
import { type Bytes, hex, same, utf8 } from "./bytes.ts";
import { checkSignature } from "./ed25519.ts";
import { ascend, Field } from "./fields.ts";
import { sha256, transcript } from "./hashing.ts";
import type { Json } from "./json.ts";
import type { Vote } from "./manifest.ts";
import { type Minutes, textOf } from "./minutes_text.ts";
import { hold, refuse } from "./refused.ts";
import { type Entry, equal } from "./results.ts";
import type { Share } from "./tally.ts";

const MOST_MEMBERS = 15;

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
  /** The valid shares. */
  readonly chosen: readonly Share[];
}

/** What minutes.json must hold, all but `pdf`. */
export function expectedMinutes(
  vote: Vote,
  papers: Papers,
  behind: Behind,
  { attendance, numbers, replaced, chosen }: Stated,
): Minutes {
  const sum = (of: readonly number[]): number => of.reduce((all, n) => all + n, 0);
  // A share may name somebody absent who is no member: 12.2 refuses it, and there is no name to write.
  const named = (members: readonly number[]): readonly string[] =>
    members.flatMap((m) => vote.trustees[m - 1] ?? []);
  return {
    format: "tin-nhiem/minutes/2",
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
    counted_by: named(chosen.map((share) => share.trustee)),
    absent: named(absentOf(chosen)),
    custodian: attendance.custodian,
    ...attendance.repeated,
  };
}

/** 13.4. The hash of the typeset minutes (13.7), null where none were made. */
export function checkMinutes(raw: Bytes, wanted: Minutes): Bytes | null {
  const names = Object.keys(wanted);
  const it = Field.document(raw, "minutes").object("pdf", ...names) as Readonly<Record<string, Field>>;
  for (const name of names) equal(it[name] as Field, wanted[name] as Json);
  return (it["pdf"] as Field).orNull((field) => field.hex(32));
}

/** 13.5: the whole file, byte by byte. */
export function checkText(raw: Bytes, vote: Vote, entries: readonly Entry[], minutes: Minutes): void {
  const wanted = utf8(textOf(vote, entries, minutes));
  if (same(raw, wanted)) return;
  let at = 0;
  while (at < Math.min(raw.length, wanted.length) && raw[at] === wanted[at]) at++;
  const line = wanted.subarray(0, at).reduce((count, byte) => count + (byte === 10 ? 1 : 0), 1);
  refuse(`minutes.txt, line ${line}`, "is not what follows from the rest");
}

/** 13.6. */
export function checkCertificate(
  raw: Bytes,
  vote: Vote,
  papers: Papers,
  behind: Behind,
  signKeys: readonly Bytes[],
): void {
  const it = Field.document(raw, "certificate").object(
    "format",
    "results",
    "attendance",
    "minutes",
    "text",
    "signatures",
  );
  it.format.is("tin-nhiem/certificate/2");
  const hashes = [papers.results, papers.attendance, papers.minutes, papers.text].map((each) => sha256(each));
  [it.results, it.attendance, it.minutes, it.text].forEach((field, i) => field.is(hex(hashes[i] as Bytes)));
  const message = transcript("certificate", vote.hash, behind.root, behind.plan, ...hashes);
  const signed = it.signatures.list(0, MOST_MEMBERS).map((field) => {
    const { trustee, signature } = field.object("trustee", "signature");
    const m = trustee.integer(1, vote.trustees.length);
    checkSignature(signKeys[m - 1] as Bytes, message, signature.hex(64), signature.where);
    return m;
  });
  ascend(signed, (a, b) => a - b, it.signatures.where);
  hold(
    signed.length >= vote.threshold,
    it.signatures.where,
    `are ${signed.length}, ${vote.threshold} are needed`,
  );
}
