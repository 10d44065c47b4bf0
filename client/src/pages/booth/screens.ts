// What the booth shows for each view of its flow. Elements only; what happens is in flow.ts, and page.ts puts them together.

import encodeQr from "qr";

import { toHex } from "../../core/octets.ts";
import { type Both, type Tongue } from "../../dom/languages.ts";
import { type Child, download, h, qrPicture } from "../../dom/h.ts";
import type { Flow, Opened, Problem, Receipt, View } from "./flow.ts";
import { fileOf } from "./wire.ts";

/** What the screens need beside the flow. */
export interface Room {
  readonly flow: Flow;
  readonly tongue: Tongue;
  readonly base: string;
  readonly shared: boolean;
  /** Contest → address of its photo in this page's memory: loaded before the paper is taken, so that nothing leaves afterwards. */
  readonly photos: ReadonlyMap<number, string>;
  readonly look: () => void;
}

export interface Screen {
  readonly title: string;
  readonly body: readonly Child[];
}

interface Level extends Both {
  readonly id: string;
}

export function screen(room: Room, view: View): Screen {
  const { tongue } = room;
  switch (view.at) {
    case "loading":
      return { title: tongue.say("loading"), body: [paragraph(tongue.say("loadingHint"))] };
    case "code":
      return code(room, view.problem, view.busy);
    case "welcome":
      return welcome(room, view.problem, view.busy);
    case "marking":
      return marking(room);
    case "review":
      return review(room);
    case "sealing":
      return { title: tongue.say("sealing"), body: [paragraph(tongue.say("sealingHint")), h("progress", { "aria-label": tongue.say("sealing") })] };
    case "sealed":
      return sealed(room, view.tracker);
    case "opened":
      return opened(room, view.opened);
    case "casting":
      return casting(room, view.tries, view.problem);
    case "done":
      return done(room, view.receipt, view.again);
    case "stopped":
      return stopped(room, view.problem, view.retry);
  }
}

function paragraph(text: string, kind = ""): HTMLParagraphElement {
  return h("p", kind === "" ? {} : { class: kind }, text);
}

function button(text: string, act: () => unknown, kind = "", busy = false): HTMLButtonElement {
  return h("button", { type: "button", class: kind, disabled: busy, onclick: () => void act() }, text);
}

/** What went wrong, in the voter's language: our own advice where there is some, else the server's sentence. */
export function sentence(tongue: Tongue, wrong: Problem): string {
  if (tongue.knows(wrong.name)) return tongue.say(wrong.name);
  if (wrong.vi !== undefined && wrong.en !== undefined) return tongue.both({ vi: wrong.vi, en: wrong.en });
  return tongue.say("Offline");
}

function alert(tongue: Tongue, wrong: Problem | null): HTMLElement | null {
  return wrong === null ? null : h("p", { class: "notice", role: "alert" }, sentence(tongue, wrong));
}

function code({ flow, tongue }: Room, wrong: Problem | null, busy: boolean): Screen {
  const input = h("input", {
    id: "code",
    name: "code",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    inputmode: "text",
    maxlength: 40,
    "aria-describedby": "code-hint",
    "aria-invalid": wrong !== null,
    class: "code",
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    void flow.enterCode(input.value);
  };
  const form = h(
    "form",
    { class: "field", onsubmit: submit },
    h("label", { for: "code" }, tongue.say("codeLabel")),
    h("span", { class: "hint", id: "code-hint" }, tongue.say("codeHint")),
    input,
    h("button", { type: "submit", disabled: busy }, tongue.say(busy ? "wait" : "codeGo")),
  );
  return { title: tongue.say("codeTitle"), body: [alert(tongue, wrong), form] };
}

function welcome({ flow, tongue }: Room, wrong: Problem | null, busy: boolean): Screen {
  const { terms } = flow.manifest.definition;
  const panel = flow.manifest.definition.panel(flow.panel);
  const closes = tongue.moment(flow.closes, terms.timeZone);
  const promises = [1, 2, 3, 4].map((n) => h("li", {}, tongue.say(`promise${n}`, { k: terms.k })));
  return {
    title: tongue.say("welcomeTitle"),
    body: [
      paragraph(tongue.say("welcomeUnit", { unit: unitName(flow, panel.unit) }), "lead"),
      paragraph(tongue.say("welcomeCount", { n: panel.contests.length })),
      paragraph(tongue.say("welcomeCloses", { closes })),
      alert(tongue, wrong),
      button(tongue.say(busy ? "wait" : wrong === null ? "take" : "tryAgain"), () => flow.takePaper(), "big", busy),
      h("h2", {}, tongue.say("promise")),
      h("ul", {}, ...promises),
    ],
  };
}

function unitName(flow: Flow, code: string): string {
  return flow.manifest.definition.terms.units.find((unit) => unit.code === code)?.name ?? code;
}

function levels(flow: Flow): readonly Level[] {
  return flow.manifest.definition.terms.rule["levels"] as unknown as readonly Level[];
}

interface Row {
  readonly contest: number;
  readonly name: string;
  readonly titles: string;
  readonly unit: string;
}

function rows(flow: Flow): readonly Row[] {
  const { terms } = flow.manifest.definition;
  return flow.manifest.definition.panel(flow.panel).contests.map((contest) => {
    const held = terms.contests[contest];
    if (held === undefined) throw new Error("a contest is missing");
    return { contest, name: held.name, titles: held.titles.join(", "), unit: unitName(flow, held.unit) };
  });
}

function marking(room: Room): Screen {
  const { flow, tongue } = room;
  const leaders = rows(flow).map((row, i) => leader(room, row, i));
  return {
    title: tongue.say("markTitle"),
    body: [
      paragraph(tongue.say("markHint")),
      flow.keepsNothing && h("p", { class: "notice" }, tongue.say("keepsNothing")),
      ...leaders,
      button(tongue.say("toReview"), () => flow.review(), "big"),
    ],
  };
}

function leader(room: Room, row: Row, i: number): HTMLElement {
  const { flow, tongue, base } = room;
  const { reports } = flow.exhibits;
  const choices = levels(flow).map((level, j) => {
    const input = h("input", { type: "radio", name: `row-${i}`, id: `row-${i}-${j + 1}`, value: j + 1, onchange: () => flow.mark(i, j + 1) });
    input.checked = flow.marks[i] === j + 1;
    return h("label", { class: `choice choice-${j + 1}`, for: `row-${i}-${j + 1}` }, input, h("span", {}, tongue.both(level)));
  });
  const clear = (): void => {
    flow.mark(i, 0);
    for (const choice of choices) (choice.firstElementChild as HTMLInputElement).checked = false;
    (choices[0]?.firstElementChild as HTMLElement | undefined)?.focus();
  };
  const photo = room.photos.get(row.contest);
  return h(
    "fieldset",
    { class: "leader" },
    h("legend", {}, h("span", { class: "leader-name" }, row.name)),
    photo !== undefined && h("img", { class: "photo", src: photo, alt: tongue.say("photo", { name: row.name }), width: 72, height: 96 }),
    h("p", { class: "place" }, row.titles === "" ? row.unit : `${row.titles} – ${row.unit}`),
    reports.includes(row.contest) &&
      h("p", {}, h("a", { href: `${base}/report/${row.contest}`, target: "_blank", rel: "noopener noreferrer" }, tongue.say("report"))),
    questions(room, row),
    flow.excluded(row.contest) && h("p", { class: "notice" }, tongue.say("excluded")),
    h("div", { class: "choices" }, ...choices),
    h("button", { type: "button", class: "plain", "aria-label": `${tongue.say("clear")}: ${row.name}`, onclick: clear }, tongue.say("clear")),
  );
}

/** What was asked of a leader, and the answers. */
function questions({ flow, tongue }: Room, row: Row): HTMLElement | null {
  const held = flow.answers(row.contest);
  if (held.length === 0) return null;
  const items = held.map(({ question, answer, late }) =>
    h(
      "div",
      {},
      h("dt", {}, question),
      h("dd", {}, ...answer.map((paragraph) => h("p", {}, paragraph)), late && h("p", { class: "late" }, tongue.say("late"))),
    ),
  );
  const words = tongue.say("questions", { n: held.length });
  return h("details", { class: "questions" }, h("summary", {}, words, h("span", { class: "unseen" }, `: ${row.name}`)), h("dl", {}, ...items));
}

/** The marks as a list: for the review, and for a ballot that is laid open. */
function marksList({ flow, tongue }: Room, marks: readonly number[]): HTMLElement {
  const words = levels(flow);
  const items = rows(flow).map((row, i) => {
    const level = words[(marks[i] ?? 0) - 1];
    const text = level === undefined ? tongue.say("notMarked") : tongue.both(level);
    return h("div", { class: level === undefined ? "unmarked" : "" }, h("dt", {}, row.name, h("span", { class: "quiet" }, ` ${row.unit}`)), h("dd", {}, text));
  });
  return h("dl", { class: "marks" }, ...items);
}

function review(room: Room): Screen {
  const { flow, tongue } = room;
  const missing = flow.marks.filter((mark) => mark === 0).length;
  const said = missing === 0 ? tongue.say("reviewAll", { n: flow.marks.length }) : tongue.say("reviewSome", { n: missing });
  return {
    title: tongue.say("reviewTitle"),
    body: [
      h("p", { class: missing === 0 ? "" : "notice" }, said),
      marksList(room, flow.marks),
      button(tongue.say("toSeal"), () => flow.seal(), "big"),
      button(tongue.say("toMarks"), () => flow.backToMarks(), "plain"),
    ],
  };
}

function trackerBox(tongue: Tongue, tracker: string): HTMLElement {
  return h("p", { class: "tracker" }, h("span", { class: "quiet" }, `${tongue.say("tracker")}: `), h("strong", { class: "mono" }, tracker));
}

function sealed({ flow, tongue }: Room, tracker: string): Screen {
  return {
    title: tongue.say("sealedTitle"),
    body: [
      paragraph(tongue.say("sealedHint")),
      trackerBox(tongue, tracker),
      button(tongue.say("cast"), () => flow.cast(), "big"),
      h("h2", {}, tongue.say("challenge")),
      paragraph(tongue.say("challengeHint")),
      button(tongue.say("challenge"), () => flow.challenge(), "second"),
      button(tongue.say("back"), () => flow.backToMarks(), "plain"),
    ],
  };
}

function opened(room: Room, { tracker, choices, file, short }: Opened): Screen {
  const { flow, tongue, base } = room;
  const address = `${base}/check#${base64url(short)}`;
  const modules = encodeQr(new URL(address, location.href).href, "raw", { ecc: "low", border: 4 });
  return {
    title: tongue.say("openedTitle"),
    body: [
      paragraph(tongue.say("openedHint")),
      trackerBox(tongue, tracker),
      marksList(room, choices),
      qrPicture(modules, tongue.say("openedQr")),
      h("p", {}, h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, tongue.say("openedLink"))),
      button(tongue.say("openedFile"), () => download(`check-${tracker}.json`, file, "application/json"), "second"),
      button(tongue.say("renew"), () => flow.seal(), "big"),
      button(tongue.say("back"), () => flow.backToMarks(), "plain"),
    ],
  };
}

export function base64url(raw: Uint8Array): string {
  return btoa(String.fromCharCode(...raw)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function casting({ flow, tongue }: Room, tries: number, wrong: Problem | null): Screen {
  return {
    title: tongue.say("castingTitle"),
    body: [
      paragraph(tongue.say("castingHint")),
      h("progress", { "aria-label": tongue.say("castingTitle") }),
      alert(tongue, wrong),
      tries > 1 && paragraph(tongue.say("castingTries", { n: tries })),
      wrong !== null && button(tongue.say("now"), () => flow.hurry(), "big"),
    ],
  };
}

function done(room: Room, receipt: Receipt, again: boolean): Screen {
  const { flow, tongue, shared, look } = room;
  const signature = receipt.signature === null ? null : toHex(receipt.signature);
  const save = (): void => {
    const { terms } = flow.manifest.definition;
    const file = {
      format: "tin-nhiem/receipt/1",
      survey: toHex(terms.survey),
      title: terms.titleVi,
      manifest: toHex(flow.manifest.hash),
      tracker: receipt.tracker,
      digest: toHex(receipt.digest),
      signature,
    };
    download(`receipt-${receipt.tracker}.json`, fileOf(file), "application/json");
  };
  return {
    title: tongue.say("doneTitle"),
    body: [
      h("p", { class: "lead good" }, tongue.say("doneHint")),
      signature === null && paragraph(tongue.say("doneLooked"), "notice"),
      trackerBox(tongue, receipt.tracker),
      paragraph(tongue.say("doneNothing")),
      shared && button(tongue.say("nextVoter"), () => flow.wipe(), "big"),
      button(tongue.say("save"), save, "second"),
      button(tongue.say("print"), () => print(), "second"),
      button(tongue.say("look"), look, "plain"),
      signature !== null && h("details", {}, h("summary", {}, tongue.say("receiptSign")), h("p", { class: "mono hash" }, signature)),
      again && !shared && h("h2", {}, tongue.say("change")),
      again && !shared && paragraph(tongue.say("changeHint")),
      again && !shared && button(tongue.say("change"), () => flow.change(), "plain"),
      !shared && button(tongue.say("leave"), () => flow.leave(), "plain"),
    ],
  };
}

function stopped({ flow, tongue }: Room, wrong: Problem, retry: boolean): Screen {
  return {
    title: tongue.say("stoppedTitle"),
    body: [
      h("p", { class: "notice", role: "alert" }, sentence(tongue, wrong)),
      retry && button(tongue.say("tryAgain"), () => flow.retry(), "big"),
      flow.loaded && button(tongue.say("startAgain"), () => flow.leave(), "plain"),
    ],
  };
}
