// What the committee states and no proof can show (docs/protocol.md 13.1): who was there, what was done with
// the polls.

import { ascend, Field, moment } from "./fields.ts";
import type { Json } from "./json.ts";
import type { Vote } from "./manifest.ts";
import { hold } from "./refused.ts";

export interface Attendance {
  /** By panel. */
  readonly present: readonly number[];
  readonly chair: string;
  readonly secretary: string;
  readonly custodian: string;
  readonly opened: string;
  readonly closed: string;
  readonly log: readonly Act[];
  /** Indices of contests whose leader was excluded after the polls opened. */
  readonly frozen: readonly number[];
  /** As the minutes repeat them. */
  readonly repeated: {
    readonly log: Json;
    readonly frozen: Json;
    readonly incidents: Json;
    readonly complaints: Json;
  };
}

/** By panel: summoned, papers issued, ballots returned. */
export interface Numbers {
  readonly summoned: readonly number[];
  readonly issued: readonly number[];
  readonly returned: readonly number[];
}

const MOST = 1000;

interface Act {
  readonly at: string;
  readonly act: "opened" | "extended" | "closed";
  readonly byClock: boolean;
  readonly until: string | null;
  readonly reason: boolean;
}

/** The form of the attendance file. */
export function readAttendance(raw: Uint8Array, vote: Vote): Attendance {
  const it = Field.document(raw, "attendance").object(
    ...([
      "format",
      "panels",
      "head",
      "chair",
      "secretary",
      "custodian",
      "opened",
      "closed",
      "log",
      "frozen",
      "incidents",
      "complaints",
    ] as const),
  );
  it.format.is("tin-nhiem/attendance/2");
  it.head.text(0, 300);
  for (const each of it.incidents.list(0, MOST)) each.text(1, 10_000);
  for (const each of it.complaints.list(0, MOST)) {
    const { complaint, ruling } = each.object("complaint", "ruling");
    complaint.text(1, 1000);
    ruling.text(0, 1000);
  }
  return {
    present: it.panels.integers(vote.panels.length, vote.panels.length, 0),
    chair: it.chair.text(0, 300),
    secretary: it.secretary.text(0, 300),
    custodian: it.custodian.text(0, 300),
    opened: moment(it.opened),
    closed: moment(it.closed),
    log: it.log.list(0, MOST).map(readAct),
    frozen: it.frozen.list(0, MOST).map((each) => {
      const { contest, reason } = each.object("contest", "reason");
      reason.text(1, 1000);
      return contest.integer(0, vote.contests.length - 1);
    }),
    repeated: {
      log: it.log.value,
      frozen: it.frozen.value,
      incidents: it.incidents.value,
      complaints: it.complaints.value,
    },
  };
}

function readAct(field: Field): Act {
  const { at, act, by, until, reason } = field.object("at", "act", "by", "until", "reason");
  const made = act.oneOf("opened", "extended", "closed");
  const byClock = by.oneOf("hand", "clock") === "clock";
  const because = reason.text(made === "extended" ? 1 : 0, 1000);
  const end = until.orNull(moment);
  hold(
    (made === "extended") === (end !== null),
    until.where,
    "is the new time of an extension, and else null",
  );
  return { at: moment(at), act: made, byClock, until: end, reason: because !== "" };
}

/** 13.1. Throws Refused. */
export function checkAttendance(
  { present, opened, closed, log, frozen }: Attendance,
  { summoned, issued, returned }: Numbers,
  calendar: { readonly opens: string; readonly closes: string },
): void {
  hold(opened <= closed, "attendance.closed", "is before opened");
  checkLog(log, opened, closed);
  checkCalendar(log, calendar.opens, calendar.closes);
  ascend(frozen, (a, b) => a - b, "attendance.frozen");
  present.forEach((here, p) => {
    const [cast, papers, all] = [returned[p] as number, issued[p] as number, summoned[p] as number];
    hold(
      cast <= papers && papers <= here && here <= all,
      `attendance.panels[${p}]`,
      `is not in order: returned ${cast}, issued ${papers}, present ${here}, summoned ${all}`,
    );
  });
}

/** The clock acts in time; whoever acts by hand at another time says why; an extension gives more time. */
function checkCalendar(log: readonly Act[], opens: string, closes: string): void {
  let end = closes;
  log.forEach(({ at, act, byClock, until, reason }, i) => {
    let timely: boolean;
    if (until !== null) {
      timely = until > end && until > at;
      end = until;
    } else {
      const inTime = act === "opened" ? opens <= at && at < closes : at >= end;
      timely = inTime || (!byClock && reason);
    }
    hold(timely, `attendance.log[${i}]`, "does not keep to the calendar, and nobody says why");
  });
}

/** The polls are opened first, closed last, and extended in between; nothing else. */
function checkLog(log: readonly Act[], opened: string, closed: string): void {
  const [where, first, last] = ["attendance.log", log[0], log.at(-1)];
  hold(first?.act === "opened" && first.at === opened, where, "does not begin with the opening");
  hold(last?.act === "closed" && last.at === closed, where, "does not end with the closing");
  log.slice(1, -1).forEach((act, i) => hold(act.act === "extended", `${where}[${i + 1}]`, "is no extension"));
  log.forEach((act, i) =>
    hold(i === 0 || (log[i - 1] as Act).at <= act.at, `${where}[${i}]`, "is before the entry before it"),
  );
}
