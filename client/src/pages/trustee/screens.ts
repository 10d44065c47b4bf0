// What the committee page shows for each view of its flow. Elements only; page.ts puts them together.

import encodeQr from "qr";

import { groupHolds } from "../../core/codes.ts";
import { fromText, toHex } from "../../core/octets.ts";
import { type Child, download, h, qrPicture } from "../../dom/h.ts";
import type { Tongue } from "../../dom/languages.ts";
import type { Flow, Problem, Purpose, View } from "./flow.ts";
import { inWords } from "./proquints.ts";

export interface Room {
  readonly flow: Flow;
  readonly tongue: Tongue;
  readonly results: string;
}

export interface Screen {
  readonly title: string;
  readonly body: readonly Child[];
}

const GROUPS = 13;

export function screen(room: Room, view: View): Screen {
  const { tongue } = room;
  switch (view.at) {
    case "loading":
      return { title: tongue.say("loading"), body: [] };
    case "home":
      return home(room, view.note);
    case "make":
      return make(room, view.groups);
    case "enter":
      return enter(room, view.purpose, view.problem);
    case "working":
      return working(room, view.what, view.done, view.all);
    case "confirm":
      return confirm(room, view);
    case "open":
      return open(room, view);
    case "papers":
      return papers(room, view);
    case "stopped":
      return stopped(room, view.problem, view.retry);
  }
}

function button(text: string, act: () => unknown, kind = ""): HTMLButtonElement {
  return h("button", { type: "button", class: kind, onclick: () => void act() }, text);
}

export function sentence(tongue: Tongue, wrong: Problem): string {
  if (tongue.knows(wrong.name)) return tongue.say(wrong.name, { detail: wrong.detail ?? "" });
  if (wrong.vi !== undefined && wrong.en !== undefined) return tongue.both({ vi: wrong.vi, en: wrong.en });
  return tongue.say("Offline");
}

function who({ flow, tongue }: Room): HTMLElement {
  const { trustee, names, threshold } = flow.state;
  return h("p", { class: "lead" }, tongue.say("you", { i: trustee, n: names.length, name: names[trustee - 1] ?? "", t: threshold }));
}

function home(room: Room, note: string | null): Screen {
  const { flow, tongue, results } = room;
  const { task } = flow;
  const said = note === "tested" || note === "testedEarly" ? h("p", { class: "good", role: "status" }, tongue.say(note)) : null;
  const complaints = flow.state.complaints.map((each) =>
    h("p", { class: "notice", role: "alert" }, tongue.say("complaint", { by: each.by, dealer: each.dealer, check: each.check })),
  );
  const test = button(tongue.say("test"), () => flow.enter("test"), "plain");
  const frame = (title: string, ...body: readonly Child[]): Screen => ({
    title: tongue.say("homeTitle"),
    body: [who(room), said, ...complaints, h("h2", {}, title), ...body, test],
  });
  if (complaints.length > 0) return frame(tongue.say("waitTitle"));
  if (task === "commit" && !flow.hasSheet) {
    return frame(
      tongue.say("startTitle"),
      h("p", {}, tongue.say("startHint")),
      button(tongue.say("make"), () => flow.make(), "big"),
      button(tongue.say("have"), () => flow.enter("go-on"), "plain"),
    );
  }
  if (task !== null && !flow.hasSheet) {
    return frame(tongue.say("goOnTitle"), h("p", {}, tongue.say("goOnHint")), button(tongue.say("enterSheet"), () => flow.enter("go-on"), "big"));
  }
  if (task === "count") return frame(tongue.say("countTitle"), h("p", {}, tongue.say("countHint")), button(tongue.say("count"), () => flow.examine(), "big"));
  if (task === "certify") {
    return frame(tongue.say("papersTitle"), h("p", {}, tongue.say("papersHint")), button(tongue.say("seePapers"), () => flow.seePapers(), "big"));
  }
  const { stage, threshold, busy } = flow.state;
  const waits = `wait${stage.charAt(0).toUpperCase()}${stage.slice(1)}`;
  return frame(
    tongue.say("waitTitle"),
    h("p", { role: "status" }, tongue.say(waits === "waitPapers" ? "papersHint" : waits, { t: threshold })),
    busy !== null && h("progress", { max: 100, value: busy, "aria-label": tongue.say("waitTitle") }),
    stage === "published" && h("p", {}, h("a", { href: results }, tongue.say("results"))),
  );
}

function make({ flow, tongue }: Room, groups: readonly string[]): Screen {
  const text = groups.join(" ");
  const { trustee, names } = flow.state;
  return {
    title: tongue.say("makeTitle"),
    body: [
      h("p", { class: "lead" }, `${trustee}. ${names[trustee - 1] ?? ""}`),
      h("p", {}, tongue.say("makeHint")),
      h("ol", { class: "sheet mono" }, ...groups.map((group) => h("li", {}, group))),
      qrPicture(encodeQr(text, "raw", { ecc: "medium", border: 2 }), tongue.say("makeQr")),
      button(tongue.say("print"), () => print(), "second"),
      button(tongue.say("saveSheet"), () => download(`sheet-${trustee}.txt`, fromText(`${groups.join("\n")}\n`), "text/plain"), "second"),
      button(tongue.say("made"), () => flow.enter("new"), "big"),
      button(tongue.say("back"), () => flow.home(), "plain"),
    ],
  };
}

function enter({ flow, tongue }: Room, purpose: Purpose, wrong: Problem | null): Screen {
  const inputs: HTMLInputElement[] = [];
  const spread = (text: string): void => {
    const groups = text.toUpperCase().replace(/[\s-]+/g, "");
    inputs.forEach((input, i) => {
      input.value = groups.slice(5 * i, 5 * i + 5);
      judge(i);
    });
  };
  const judge = (i: number): void => {
    const input = inputs[i] as HTMLInputElement;
    const typed = input.value.trim();
    const bad = typed.length >= 5 && !groupHolds(i + 1, typed);
    input.setAttribute("aria-invalid", String(bad));
    const said = input.nextElementSibling as HTMLElement;
    said.textContent = bad ? tongue.say("groupWrong", { n: i + 1 }) : "";
  };
  const fields = Array.from({ length: GROUPS }, (_, i) => {
    const input = h("input", { id: `group-${i + 1}`, maxlength: 7, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", class: "code group", "aria-describedby": `said-${i + 1}` });
    input.addEventListener("paste", (event) => {
      const text = event.clipboardData?.getData("text") ?? "";
      if (text.trim().length > 5) {
        event.preventDefault();
        spread(text);
      }
    });
    input.addEventListener("input", () => {
      judge(i);
      if (input.value.trim().length === 5 && groupHolds(i + 1, input.value)) inputs[i + 1]?.focus();
    });
    inputs.push(input);
    return h("div", {}, h("label", { for: `group-${i + 1}` }, tongue.say("group", { n: i + 1 })), input, h("span", { class: "wrong", id: `said-${i + 1}` }));
  });
  const file = h("input", { type: "file", id: "sheet-file", accept: ".txt,text/plain" });
  file.addEventListener("change", () => void file.files?.[0]?.text().then(spread));
  const submit = (event: Event): void => {
    event.preventDefault();
    void flow.entered(inputs.map((input) => input.value).join(" "), purpose);
  };
  const title = { new: "enterTitleNew", "go-on": "enterTitleGoOn", test: "enterTitleTest" }[purpose];
  return {
    title: tongue.say(title),
    body: [
      wrong !== null && h("p", { class: "notice", role: "alert" }, sentence(tongue, wrong)),
      h("p", {}, tongue.say("enterHint")),
      h(
        "form",
        { class: "field", onsubmit: submit },
        h("div", { class: "groups" }, ...fields),
        h("label", { for: "sheet-file" }, tongue.say("sheetFile")),
        file,
        h("button", { type: "submit", class: "big" }, tongue.say("go")),
      ),
      button(tongue.say("back"), () => flow.home(), "plain"),
    ],
  };
}

/** The bar of a long step; page.ts moves it without making the screen anew. */
function working({ tongue }: Room, what: string, done: number, all: number): Screen {
  const bar = h("progress", { id: "bar", "aria-label": tongue.say(`working_${what}`) });
  const said = h("p", { id: "bar-said", role: "status" });
  moveBar(tongue, bar, said, done, all);
  return { title: tongue.say(`working_${what}`), body: [bar, said] };
}

export function moveBar(tongue: Tongue, bar: HTMLProgressElement, said: HTMLElement, done: number, all: number): void {
  if (all > 0) {
    bar.max = all;
    bar.value = done;
    said.textContent = tongue.say("progress", { done, all });
  }
}

function confirm({ flow, tongue }: Room, { manifest }: View & { at: "confirm" }): Screen {
  const { terms } = manifest.definition;
  const voters = terms.panels.reduce((sum, panel) => sum + panel.voters, 0);
  const opens = tongue.moment(terms.opens, terms.timeZone);
  const closes = tongue.moment(terms.closes, terms.timeZone);
  const size = { leaders: terms.contests.length, panels: terms.panels.length, voters };
  return {
    title: tongue.say("confirmTitle"),
    body: [
      h("p", {}, tongue.say("confirmHint")),
      h(
        "ul",
        {},
        h("li", {}, `${tongue.say("confirmRound")}: ${tongue.both({ vi: terms.titleVi, en: terms.titleEn })}`),
        h("li", {}, tongue.say("confirmSize", size)),
        h("li", {}, tongue.say("confirmTimes", { opens, closes })),
        h("li", {}, tongue.say("confirmK", { k: terms.k })),
        h("li", {}, tongue.say("confirmCommittee", { names: terms.trustees.join(", "), t: terms.threshold })),
      ),
      h("h2", {}, tongue.say("confirmWords")),
      h("p", { class: "words mono", lang: "" }, inWords(manifest.hash).join(" ")),
      h("p", { class: "mono hash quiet" }, toHex(manifest.hash)),
      button(tongue.say("confirm"), () => flow.confirm(), "big"),
    ],
  };
}

function open({ flow, tongue }: Room, { summary }: View & { at: "open" }): Screen {
  const { ballots, checked, sums, smallest } = summary;
  const drawn = checked < ballots ? tongue.say("drawn") : "";
  return {
    title: tongue.say("openTitle"),
    body: [
      h("p", { class: "lead" }, tongue.say("openSummary", { sums, smallest, ballots })),
      h("p", {}, tongue.say("openNothing")),
      h("p", {}, tongue.say("openChecked", { checked, ballots, drawn })),
      button(tongue.say("open"), () => flow.open(), "big"),
      button(tongue.say("back"), () => flow.home(), "plain"),
    ],
  };
}

function papers({ flow, tongue }: Room, view: View & { at: "papers" }): Screen {
  return {
    title: tongue.say("papersTitle"),
    body: [
      h("p", {}, tongue.say("papersHint")),
      h("pre", { class: "minutes", tabindex: "0", "aria-label": tongue.say("papersTitle") }, view.papers.text),
      button(tongue.say("certify"), () => flow.certify(view.papers), "big"),
      button(tongue.say("back"), () => flow.home(), "plain"),
    ],
  };
}

function stopped({ flow, tongue }: Room, wrong: Problem, retry: boolean): Screen {
  return {
    title: tongue.say("stoppedTitle"),
    body: [h("p", { class: "notice", role: "alert" }, sentence(tongue, wrong)), retry && button(tongue.say("retry"), () => flow.retry(), "big")],
  };
}
