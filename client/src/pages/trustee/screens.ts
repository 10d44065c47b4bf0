// What the committee page shows for each view of its flow. Elements only; page.ts puts them together.

import { toHex } from "../../core/octets.ts";
import { inWords } from "../../core/words.ts";
import { type Child, h } from "../../dom/h.ts";
import type { Summary } from "../../worker/committee.ts";
import { minutes } from "./minutes.ts";
import { button, type Room, type Screen, sentence } from "./parts.ts";
import { enter, lost, make, scan } from "./sheet_screens.ts";
import type { Problem, View } from "./view.ts";
import { working } from "./working.ts";

export function screen(room: Room, view: View): Screen {
  const { tongue } = room;
  switch (view.at) {
    case "loading":
      return { title: tongue.say("loading"), body: [] };
    case "home":
      return home(room, view.note);
    case "make":
      return make(room, view);
    case "enter":
      return enter(room, view);
    case "scan":
      return scan(room, view);
    case "lost":
      return lost(room);
    case "working":
      return working(room, view.what, view.done, view.all);
    case "confirm":
      return confirm(room, view);
    case "cosign":
      return cosign(room, view);
    case "open":
      return open(room, view);
    case "lookUp":
      return lookUp(room, view);
    case "papers":
      return minutes(room, view);
    case "stopped":
      return stopped(room, view.problem, view.retry);
  }
}

function who({ flow, tongue }: Room): HTMLElement {
  const { trustee, names, threshold } = flow.state;
  return h(
    "p",
    { class: "lead" },
    tongue.say("you", { i: trustee, n: names.length, name: names[trustee - 1] ?? "", t: threshold }),
  );
}

function home(room: Room, note: string | null): Screen {
  const { flow, tongue, results } = room;
  const { task } = flow;
  const said =
    note === "tested" || note === "testedEarly"
      ? h("p", { class: "good", role: "status" }, tongue.say(note))
      : null;
  const complaints = flow.state.complaints.map((each) =>
    h(
      "p",
      { class: "notice", role: "alert" },
      tongue.say("complaint", { by: each.by, dealer: each.dealer, check: each.check }),
    ),
  );
  const test = button(tongue.say("test"), () => flow.enter("test"), "plain");
  const lostIt = button(tongue.say("lostSheet"), () => flow.lost(), "plain");
  const frame = (title: string, ...body: readonly Child[]): Screen => ({
    title: tongue.say("homeTitle"),
    body: [who(room), said, ...complaints, h("h2", {}, title), ...body, test, lostIt],
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
    return frame(
      tongue.say("goOnTitle"),
      h("p", {}, tongue.say("goOnHint")),
      button(tongue.say("enterSheet"), () => flow.enter("go-on"), "big"),
    );
  }
  if (task === "cosign") {
    return frame(
      tongue.say("countTitle"),
      h("p", {}, tongue.say("countHint")),
      button(tongue.say("count"), () => flow.examine(), "big"),
    );
  }
  if (task === "open") {
    return frame(
      tongue.say("openReady"),
      h("p", {}, tongue.say("openReadyHint")),
      button(tongue.say("goToOpen"), () => flow.open(), "big"),
    );
  }
  if (task === "certify") {
    return frame(
      tongue.say("papersTitle"),
      h("p", {}, tongue.say("papersHint", { t: flow.state.threshold })),
      button(tongue.say("seePapers"), () => flow.seePapers(), "big"),
    );
  }
  const { stage, threshold, busy } = flow.state;
  const waits = `wait${stage.charAt(0).toUpperCase()}${stage.slice(1)}`;
  return frame(
    tongue.say("waitTitle"),
    h("p", { role: "status" }, tongue.say(waits, { t: threshold })),
    busy !== null && h("progress", { max: 100, value: busy, "aria-label": tongue.say("waitTitle") }),
    stage === "published" && h("p", {}, h("a", { href: results }, tongue.say("results"))),
  );
}

function confirm({ flow, tongue }: Room, { manifest }: View & { at: "confirm" }): Screen {
  const { terms } = manifest.definition;
  const { voters } = terms;
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
        h(
          "li",
          {},
          `${tongue.say("confirmRound")}: ${tongue.both({ vi: terms.titleVi, en: terms.titleEn })}`,
        ),
        h("li", {}, tongue.say("confirmSize", size)),
        h("li", {}, tongue.say("confirmTimes", { opens, closes })),
        h("li", {}, tongue.say("confirmK", { k: terms.k })),
        h("li", {}, tongue.say("confirmCommittee", { names: terms.trustees.join(", "), t: terms.threshold })),
      ),
      h("h2", {}, tongue.say("confirmWords")),
      h("p", { class: "words mono", lang: "" }, inWords(manifest.hash)),
      h("p", { class: "mono hash quiet" }, toHex(manifest.hash)),
      button(tongue.say("confirm"), () => flow.confirm(), "big"),
    ],
  };
}

/** What the whole check found, and the words that every member must have. */
function found(room: Room, { ballots, sums, smallest, words, agreed }: Summary): Child[] {
  const { tongue } = room;
  return [
    h("p", { class: "lead" }, tongue.say("openChecked", { ballots })),
    h("p", {}, tongue.say("openSummary", { sums, smallest, ballots })),
    h("p", {}, tongue.say("openNothing")),
    h("h2", {}, tongue.say("boardWords")),
    h("p", { class: "words mono", lang: "vi", translate: "no" }, words),
    h("p", { class: "mono hash quiet" }, agreed),
  ];
}

function cosign(room: Room, { summary }: View & { at: "cosign" }): Screen {
  const { flow, tongue } = room;
  return {
    title: tongue.say("cosignTitle"),
    body: [
      ...found(room, summary),
      h("p", {}, tongue.say("cosignHint")),
      button(tongue.say("cosign"), () => flow.cosign(), "big"),
      button(tongue.say("back"), () => flow.home(), "plain"),
    ],
  };
}

/** Who is missing: call them first. Only where t have cosigned can the others be named absent. */
function open(room: Room, { summary, missing }: View & { at: "open" }): Screen {
  const { flow, tongue } = room;
  const { names, threshold } = flow.state;
  const listed = missing.map((m) => `${m}. ${names[m - 1] ?? ""}`);
  const possible = names.length - missing.length >= threshold;
  const called = h("input", { type: "checkbox", id: "called" });
  const named = button(tongue.say("openWithout"), () => called.checked && flow.open(missing), "big");
  named.disabled = true;
  called.addEventListener("change", () => {
    named.disabled = !called.checked;
  });
  return {
    title: tongue.say("missingTitle"),
    body: [
      h("p", { class: "lead" }, tongue.say("missingHint")),
      h("ul", { class: "missing" }, ...listed.map((each) => h("li", {}, each))),
      button(tongue.say("lookAgain"), () => flow.open(), possible ? "second" : "big"),
      possible && h("h2", {}, tongue.say("absentTitle")),
      possible && h("p", { class: "notice" }, tongue.say("absentHint", { names: listed.join("; ") })),
      possible &&
        h("p", { class: "tick" }, called, h("label", { for: "called" }, tongue.say("absentCalled"))),
      possible && named,
      h("h2", {}, tongue.say("boardWords")),
      h("p", { class: "words mono", lang: "vi", translate: "no" }, summary.words),
      button(tongue.say("back"), () => flow.home(), "plain"),
    ],
  };
}

/** Voters look their ballots up: how long still. */
function lookUp({ flow, tongue }: Room, { until }: View & { at: "lookUp" }): Screen {
  const minutes = Math.max(1, Math.ceil((until - Date.now()) / 60_000));
  return {
    title: tongue.say("lookUpTitle"),
    body: [
      h("p", { class: "lead", role: "status" }, tongue.say("lookUpLeft", { minutes })),
      h("p", {}, tongue.say("lookUpHint")),
      button(tongue.say("lookAgain"), () => flow.open(), "big"),
      button(tongue.say("back"), () => flow.home(), "plain"),
    ],
  };
}

function stopped({ flow, tongue }: Room, wrong: Problem, retry: boolean): Screen {
  return {
    title: tongue.say("stoppedTitle"),
    body: [
      h("p", { class: "notice", role: "alert" }, sentence(tongue, wrong)),
      retry && button(tongue.say("retry"), () => flow.retry(), "big"),
    ],
  };
}
