// The minutes as a table, in the reader's language, out of what this device has computed (docs/protocol.md
// 13.6).

import type { Octets } from "../../core/octets.ts";
import { type Child, download, h } from "../../dom/h.ts";
import type { Tongue } from "../../dom/languages.ts";
import type { Sheet, SheetRow } from "../../verifier/sheet.ts";
import { button, type Room, type Screen } from "./parts.ts";
import type { View } from "./view.ts";

/** Wide enough for two things beside each other. */
const WIDE = "(min-width: 64rem)";

export function minutes(room: Room, { sheet, words, pdf }: View & { at: "papers" }): Screen {
  const { flow, tongue } = room;
  const keep = (): void => {
    if (pdf !== null) download("minutes.pdf", pdf, "application/pdf");
  };
  const shown = pdf !== null && canShow() ? typeset(pdf, tongue.say("pdfTitle")) : null;
  const tables = [
    h("h2", {}, tongue.both(sheet.title)),
    facts(tongue, sheet),
    results(tongue, sheet),
    happened(tongue, sheet),
  ];
  return {
    title: tongue.say("papersTitle"),
    broad: shown !== null,
    body: [
      h("p", { class: "good", role: "status" }, tongue.say("papersMade")),
      h("p", {}, tongue.say("papersHint", { t: flow.state.threshold })),
      pdf !== null && button(tongue.say(shown === null ? "readPdf" : "keepPdf"), keep, "second"),
      ...(shown === null ? tables : [h("div", { class: "beside" }, h("div", {}, ...tables), shown)]),
      h("h2", {}, tongue.say("boardWords")),
      h("p", { class: "words mono", lang: "vi", translate: "no" }, words),
      button(tongue.say("certify"), () => flow.certify(), "big"),
      button(tongue.say("back"), () => flow.home(), "plain"),
    ],
  };
}

/** Whether this browser shows a PDF inside a page, and there is room for it. */
function canShow(): boolean {
  return matchMedia(WIDE).matches && (navigator as { pdfViewerEnabled?: boolean }).pdfViewerEnabled === true;
}

let address = "";

/** The very bytes that the certificate names. */
function typeset(pdf: Octets, title: string): HTMLElement {
  URL.revokeObjectURL(address);
  address = URL.createObjectURL(new Blob([pdf as BlobPart], { type: "application/pdf" }));
  return h("iframe", { src: `${address}#view=FitH`, title, class: "typeset" });
}

function table(caption: string, head: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
  const cells = head.map((each) => h("th", { scope: "col" }, each));
  const body = rows.map(([first, ...rest]) =>
    h("tr", {}, h("th", { scope: "row" }, first as Child), ...rest.map((each) => h("td", {}, each))),
  );
  return h(
    "div",
    { class: "scroll", role: "region", "aria-label": caption, tabindex: "0" },
    h(
      "table",
      { class: "done" },
      h("caption", {}, caption),
      head.length > 0 && h("thead", {}, h("tr", {}, ...cells)),
      h("tbody", {}, ...body),
    ),
  );
}

function facts(tongue: Tongue, sheet: Sheet): HTMLElement {
  const none = tongue.say("nobody");
  const names = (list: readonly string[]): string => (list.length === 0 ? none : list.join("; "));
  return table(
    tongue.say("factsTable"),
    [],
    [
      [tongue.say("factSummoned"), String(sheet.summoned)],
      [tongue.say("factPresent"), String(sheet.present)],
      [tongue.say("factIssued"), String(sheet.issued)],
      [tongue.say("factReturned"), String(sheet.returned)],
      [tongue.say("factReplaced"), String(sheet.replaced)],
      [tongue.say("factChair"), sheet.chair === "" ? "…" : sheet.chair],
      [tongue.say("factSecretary"), sheet.secretary === "" ? "…" : sheet.secretary],
      [tongue.say("factCustodian"), sheet.custodian === "" ? "…" : sheet.custodian],
      [tongue.say("factCountedBy"), names(sheet.countedBy)],
      [tongue.say("factAbsent"), names(sheet.absent)],
    ],
  );
}

function results(tongue: Tongue, sheet: Sheet): HTMLElement {
  const levels = sheet.levels.map((level) => tongue.both(level));
  const head = [
    tongue.say("colLeader"),
    tongue.say("factReturned"),
    ...levels,
    tongue.say("colNotMarked"),
    tongue.say("colOutcome"),
  ];
  const caption = tongue.say(sheet.denominator === "returned" ? "resultsOfReturned" : "resultsOfSummoned");
  return table(
    caption,
    head,
    sheet.rows.map((row, i) => line(tongue, sheet, row, i + 1)),
  );
}

function line(tongue: Tongue, sheet: Sheet, { name, unit, counted }: SheetRow, i: number): Child[] {
  const who = `${i}. ${name} (${unit})`;
  if (counted === null) return [who, tongue.say("withheld")];
  const marks = counted.levels.map(({ count, percent }) => `${count} (${percent ?? "–"} %)`);
  return [
    who,
    String(counted.returned),
    ...marks,
    String(counted.notMarked),
    outcome(tongue, sheet, counted.outcome),
  ];
}

function outcome(tongue: Tongue, sheet: Sheet, id: string): string {
  const named = sheet.outcomes.find((each) => each.id === id);
  return named === undefined ? tongue.say(`outcome_${id}`) : tongue.both(named);
}

function happened(tongue: Tongue, sheet: Sheet): HTMLElement {
  const at = (instant: string): string => tongue.moment(instant, sheet.timeZone);
  const rows: Child[][] = sheet.log.map(({ at: when, act, by, until, reason }) => [
    `${tongue.say(`act_${act}`)} (${tongue.say(`by_${by}`)})`,
    [at(when), until === null ? "" : ` → ${at(until)}`, reason === "" ? "" : `: ${reason}`].join(""),
  ]);
  for (const { contest, reason } of sheet.frozen)
    rows.push([tongue.say("frozenRow"), `#${contest + 1}: ${reason}`]);
  for (const incident of sheet.incidents) rows.push([tongue.say("incidentRow"), incident]);
  for (const { complaint, ruling } of sheet.complaints) {
    rows.push([tongue.say("complaintRow"), `${complaint} → ${ruling === "" ? "…" : ruling}`]);
  }
  return table(tongue.say("happenedTable"), [], rows);
}
