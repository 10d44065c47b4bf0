// What the booth's screens are made of. Elements only; what happens is in flow.ts, and page.ts puts
// everything together.

import { type Child, h } from "../../dom/h.ts";
import type { Both, Tongue } from "../../dom/languages.ts";
import type { Flow } from "./flow.ts";
import type { Problem } from "./views.ts";

/** What the screens need beside the flow. */
export interface Room {
  readonly flow: Flow;
  readonly tongue: Tongue;
  readonly base: string;
  readonly shared: boolean;
  /**
   * Contest → address of its photo or report in this page's memory: loaded before the paper is asked for
   * (15.7).
   */
  readonly photos: ReadonlyMap<number, string>;
  readonly reports: ReadonlyMap<number, string>;
  /** The program inside which this page was opened, where it is none of the usual browsers. */
  readonly inside: string | null;
  readonly canScan: boolean;
  readonly look: () => void;
  readonly scan: () => void;
}

export interface Screen {
  readonly title: string;
  readonly body: readonly Child[];
  /** How far the voter is: 1 … 5. */
  readonly step?: number;
  /** What gets the focus instead of the heading. */
  readonly focus?: HTMLElement;
}

export interface Level extends Both {
  readonly id: string;
}

export interface Row {
  readonly contest: number;
  readonly name: string;
  readonly titles: string;
  readonly unit: string;
}

export function paragraph(text: string, kind = ""): HTMLParagraphElement {
  return h("p", kind === "" ? {} : { class: kind }, text);
}

export function button(text: string, act: () => unknown, kind = "", busy = false): HTMLButtonElement {
  return h("button", { type: "button", class: kind, disabled: busy, onclick: () => void act() }, text);
}

/**
 * A button that asks for a paper, casts, lays open or wipes: never where the last one lay, never at once
 * (dom/guard.ts).
 */
export function acting(text: string, act: () => unknown, kind = "big", busy = false): HTMLButtonElement {
  const made = button(text, act, kind, busy);
  made.setAttribute("data-acts", "");
  return made;
}

/**
 * What went wrong, in the voter's language: our own advice where there is some, else the server's sentence.
 */
export function sentence(tongue: Tongue, wrong: Problem): string {
  if (tongue.knows(wrong.name)) return tongue.say(wrong.name);
  if (wrong.vi !== undefined && wrong.en !== undefined) return tongue.both({ vi: wrong.vi, en: wrong.en });
  return tongue.say("Offline");
}

export function alert(tongue: Tongue, wrong: Problem | null): HTMLElement | null {
  return wrong === null ? null : h("p", { class: "notice", role: "alert" }, sentence(tongue, wrong));
}

/** A name of a person, a unit or a level: no browser may translate it. */
export function name(text: string, kind = ""): HTMLElement {
  return h("span", { translate: "no", class: kind }, text);
}

export function unitName(flow: Flow, code: string): string {
  return flow.vote.manifest.definition.terms.units.find((unit) => unit.code === code)?.name ?? code;
}

export function levels(flow: Flow): readonly Level[] {
  return flow.vote.manifest.definition.terms.rule["levels"] as unknown as readonly Level[];
}

export function rows(flow: Flow): readonly Row[] {
  const { terms } = flow.vote.manifest.definition;
  return flow.vote.manifest.definition.panel(flow.panel).contests.map((contest) => {
    const held = terms.contests[contest];
    if (held === undefined) throw new Error("a contest is missing");
    return { contest, name: held.name, titles: held.titles.join(", "), unit: unitName(flow, held.unit) };
  });
}

/**
 * The marks as a list: for the review, and for a ballot that is laid open. `toRow` makes the rows without a
 * mark links back.
 */
export function marksList(
  { flow, tongue }: Room,
  marks: readonly number[],
  toRow?: (row: number) => void,
): HTMLElement {
  const words = levels(flow);
  const items = rows(flow).map((row, i) => {
    const level = words[(marks[i] ?? 0) - 1];
    const said =
      level !== undefined
        ? name(tongue.both(level))
        : toRow === undefined
          ? tongue.say("notMarked")
          : h(
              "button",
              { type: "button", class: "inline", onclick: () => toRow(i) },
              tongue.say("notMarked"),
              h("span", { class: "unseen" }, `: ${row.name}. ${tongue.say("toRow")}`),
            );
    return h(
      "div",
      { class: level === undefined ? "unmarked" : "" },
      h("dt", {}, name(row.name), h("span", { class: "quiet", translate: "no" }, ` ${row.unit}`)),
      h("dd", {}, said),
    );
  });
  return h("dl", { class: "marks" }, ...items);
}

/** A tracker in its groups: people compare and copy it group by group. */
export function trackerBox(tongue: Tongue, tracker: string): HTMLElement {
  return h(
    "p",
    { class: "tracker" },
    h("span", { class: "quiet" }, `${tongue.say("tracker")}: `),
    h("strong", { class: "mono", translate: "no" }, tracker),
  );
}

/** What a leader is judged on, in the words of the source; with the name, for whoever hears the page. */
export function criteria({ tongue }: Room, of?: string): HTMLElement {
  const items = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => h("li", {}, tongue.say(`criterion${n}`)));
  const whose = of !== undefined && h("span", { class: "unseen" }, `: ${of}`);
  return h(
    "details",
    { class: "criteria" },
    h("summary", {}, tongue.say("criteria"), whose),
    h("ul", {}, ...items),
  );
}

/** How far the voter is. */
export function steps(tongue: Tongue, now: number): HTMLElement {
  const items = [1, 2, 3, 4, 5].map((n) =>
    h(
      "li",
      n === now ? { "aria-current": "step" } : { class: n < now ? "passed" : "" },
      tongue.say(`step${n}`),
    ),
  );
  return h("ol", { class: "steps-way", "aria-label": tongue.say("stepOf", { n: now }) }, ...items);
}
