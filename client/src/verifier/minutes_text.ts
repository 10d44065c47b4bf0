// The text of the minutes, every byte of it, from what else is known (docs/protocol.md 13.5).

import type { Json } from "./json.ts";
import { FIRST_LINES } from "./letterhead.ts";
import type { Vote } from "./manifest.ts";
import type { Entry } from "./results.ts";

/** The fields of minutes.json that the text repeats. */
export type Minutes = Readonly<Record<string, Json>>;

const NONE = "không / none";
const ACTS: Readonly<Record<string, string>> = {
  opened: "Mở bỏ phiếu / Opened",
  extended: "Gia hạn / Extended",
  closed: "Đóng bỏ phiếu / Closed",
};
const HOW: Readonly<Record<string, string>> = {
  hand: "thủ công / by hand",
  clock: "theo giờ / by the clock",
};
const DENOMINATORS = {
  returned: "số phiếu thu về / ballots returned",
  summoned: "tổng số người được triệu tập / all persons summoned",
};

export function textOf(vote: Vote, entries: readonly Entry[], minutes: Minutes): string {
  const of = (name: string): string => text(minutes[name] as Json);
  const or = (name: string): string => (of(name) === "" ? "…" : of(name));
  const all = (name: string): string => list((minutes[name] as readonly Json[]).map(text));
  const n = (name: string): number => minutes[name] as number;
  const { rule, title, clients } = vote;
  const lines = [
    ...FIRST_LINES[vote.letterhead],
    vote.organisation,
    `Số / Number: ${or("number")}`,
    `Nơi lập / Place: ${or("place")}`,
    `Ngày / Date: ${local(of("closed"), vote.utcOffset)}`,
    "",
    "BIÊN BẢN KIỂM PHIẾU / COUNTING MINUTES",
    `${title.vi} / ${title.en}`,
    "",
    `Căn cứ / Legal basis: ${rule.name}: ${rule.source.vi} / ${rule.source.en}`,
    ...objects(minutes["log"]).map((act) => lineOfAct(act, vote.utcOffset)),
    `Được triệu tập / Summoned: ${n("summoned")}`,
    `Có mặt / Present: ${n("present")}`,
    `Vắng mặt / Absent: ${n("summoned") - n("present")}`,
    `Đủ số người tối thiểu / Quorum: ${quorum(vote, n("present"), n("summoned"))}`,
    `Chủ trì / Chair: ${or("chair")}`,
    `Thư ký / Secretary: ${or("secretary")}`,
    `Ban kiểm phiếu / Counting committee: ${all("committee")}`,
    `Người tham gia kiểm phiếu / Counted by: ${all("counted_by")}`,
    `Thành viên vắng khi mở kết quả / Members absent from the opening: ${all("absent")}`,
    "",
    `Giấy mời được thay / Slips replaced: ${n("replaced")}`,
    `Số phiếu phát ra / Ballots issued: ${n("issued")}`,
    `Số phiếu thu về / Ballots returned: ${n("returned")}`,
    `Số phiếu không thu về / Not returned: ${n("issued") - n("returned")}`,
    `Số phiếu hợp lệ / Valid ballots: ${n("returned")}`,
    "Số phiếu không hợp lệ / Invalid ballots: 0",
    "",
    "KẾT QUẢ / RESULTS",
    `Mẫu số / Denominator: ${DENOMINATORS[rule.denominator]}`,
    ...entries.map((entry, c) => lineOfContest(vote, entry, c + 1)),
    "",
    `Đưa ra khỏi danh sách sau khi mở / Excluded after opening: ${list(
      objects(minutes["frozen"]).map(
        ({ contest, reason }) => `#${(contest as number) + 1}: ${text(reason as Json)}`,
      ),
    )}`,
    `Sự cố / Incidents: ${all("incidents")}`,
    `Khiếu nại / Complaints: ${list(
      objects(minutes["complaints"]).map(
        ({ complaint, ruling }) =>
          `${text(complaint as Json)} → ${ruling === "" ? "…" : text(ruling as Json)}`,
      ),
    )}`,
    "",
    "NIÊM PHONG / SEALING",
    `Phần mềm / Software: ${vote.software}`,
    ...clients.map(({ name, sha256 }) => `Mã ứng dụng / Client: ${name} ${sha256}`),
    `Mã bản kê / Manifest: ${of("manifest")}`,
    `Mã buổi tạo khóa / Ceremony: ${of("ceremony")}`,
    `Mã hòm phiếu / Board root: ${of("board")}`,
    `Mã phương án cộng / Plan: ${of("plan")}`,
    `Mã kết quả / Results: ${of("results")}`,
    `Mã danh sách / Roll: ${of("roll")}`,
    `Người giữ / Custodian: ${or("custodian")}`,
    "Lưu trữ / Retention: niêm phong 6 tháng; khiếu nại trong 15 ngày làm việc" +
      " / sealed for 6 months; complaints within 15 working days",
    "",
    "TRƯỞNG BAN KIỂM PHIẾU / HEAD OF THE COMMITTEE        CHỦ TRÌ / CHAIR        THƯ KÝ / SECRETARY",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function lineOfContest(vote: Vote, { contest, counted }: Entry, i: number): string {
  const name = `#${i} ${contest.name}; ${contest.unit}; `;
  if (counted === null) return `${name}withheld`;
  const levels = vote.rule.levels
    .map((level) => `${level} ${counted.levels[level]} (${counted.percent[level] ?? "-"} %)`)
    .join(", ");
  const denominator = `${vote.rule.denominator} ${counted.denominator}`;
  const marks = `${levels}; not marked ${counted.notMarked}`;
  return `${name}returned ${counted.returned}; ${marks}; denominator ${denominator}; ${counted.outcome}`;
}

function lineOfAct(act: Readonly<Record<string, Json>>, offset: number): string {
  const until = act["until"] === null ? "" : ` → ${local(text(act["until"] as Json), offset)}`;
  const reason = act["reason"] === "" ? "" : `: ${text(act["reason"] as Json)}`;
  const [kind, by] = [ACTS[text(act["act"] as Json)], HOW[text(act["by"] as Json)]];
  return `${kind}: ${local(text(act["at"] as Json), offset)}${until} (${by})${reason}`;
}

const two = (n: number): string => String(n).padStart(2, "0");

function local(instant: string, offset: number): string {
  const [year, month, day, hour, minute, second] = (instant.match(/\d+/g) as string[]).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  at.setUTCHours(hour, minute, second);
  const shifted = new Date(at.getTime() + 60_000 * offset);
  const stays = shifted.getUTCFullYear() < 1 || shifted.getUTCFullYear() > 9999;
  const shown = stays ? at : shifted;
  const ofYear = String(shown.getUTCFullYear()).padStart(4, "0");
  const date = `${two(shown.getUTCDate())}/${two(shown.getUTCMonth() + 1)}/${ofYear}`;
  const time = [shown.getUTCHours(), shown.getUTCMinutes(), shown.getUTCSeconds()].map(two).join(":");
  const ahead = Math.abs(offset);
  return `${date} ${time} (UTC${offset < 0 ? "-" : "+"}${two(Math.floor(ahead / 60))}:${two(ahead % 60)})`;
}

function quorum({ rule }: Vote, present: number, summoned: number): string {
  if (rule.quorum === null) return "không quy định / none required";
  const { numerator, denominator } = rule.quorum;
  const met = present * denominator >= summoned * numerator;
  const verdict = met ? "đạt / met" : "không đạt / not met";
  return `${present}/${summoned} (≥ ${numerator}/${denominator}): ${verdict}`;
}

const list = (items: readonly string[]): string => (items.length === 0 ? NONE : items.join("; "));
const text = (value: Json): string => value as string;
const objects = (value: Json | undefined): readonly Readonly<Record<string, Json>>[] =>
  value as readonly Readonly<Record<string, Json>>[];
