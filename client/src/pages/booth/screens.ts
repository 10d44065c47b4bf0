// What the booth shows for each view of its flow: which screen, and those on which nothing of the ballot is
// seen yet.

import { h } from "../../dom/h.ts";
import {
  acting,
  alert,
  button,
  criteria,
  paragraph,
  type Room,
  type Screen,
  sentence,
  unitName,
} from "./elements.ts";
import { asking, casting, done, opened, sealed } from "./screens_after.ts";
import { marking, review } from "./screens_marking.ts";
import type { Problem, View } from "./views.ts";

export function screen(room: Room, view: View): Screen {
  const { tongue } = room;
  switch (view.at) {
    case "loading":
      return { title: tongue.say("loading"), body: [paragraph(tongue.say("loadingHint"))] };
    case "code":
      return code(room, view.problem, view.busy);
    case "welcome":
      return welcome(room, view.problem, view.busy);
    case "fetching":
      return {
        title: tongue.say("fetching"),
        body: [h("progress", { "aria-label": tongue.say("fetching") })],
      };
    case "marking":
      return marking(room, view.row);
    case "review":
      return review(room);
    case "sealing":
      return {
        title: tongue.say("sealing"),
        body: [paragraph(tongue.say("sealingHint")), h("progress", { "aria-label": tongue.say("sealing") })],
        step: 4,
      };
    case "asking":
      return asking(room, view.problem);
    case "sealed":
      return sealed(room, view.tracker, view.resumed);
    case "opened":
      return opened(room, view.opened);
    case "casting":
      return casting(room, view.tries, view.problem);
    case "done":
      return done(room, view.receipt, view.again, view.looked);
    case "stopped":
      return stopped(room, view.problem, view.retry);
  }
}

function code(room: Room, wrong: Problem | null, busy: boolean): Screen {
  const { flow, tongue } = room;
  const input = h("input", {
    id: "code",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    inputmode: "text",
    maxlength: 200,
    "aria-describedby": "code-hint",
    "aria-invalid": wrong !== null,
    class: "code",
  });
  if (wrong !== null) input.value = flow.typed ?? "";
  const submit = (event: Event): void => {
    event.preventDefault();
    const typed = input.value;
    input.value = ""; // what a form holds, a browser may write down for its next start
    void flow.enterCode(typed);
  };
  const form = h(
    "form",
    { class: "field", autocomplete: "off", onsubmit: submit },
    h("label", { for: "code" }, tongue.say("codeLabel")),
    h("span", { class: "hint", id: "code-hint" }, tongue.say("codeHint")),
    input,
    h("button", { type: "submit", disabled: busy }, tongue.say(busy ? "wait" : "codeGo")),
  );
  return {
    title: tongue.say("codeTitle"),
    body: [
      inside(room),
      alert(tongue, wrong),
      pollsNotice(room),
      room.canScan && button(tongue.say("scan"), room.scan, "second", busy),
      // Without https browsers give pages no camera; the phone's own camera still opens the link of a slip.
      !room.canScan && !isSecureContext && paragraph(tongue.say("scanInsecure"), "quiet"),
      form,
    ],
    step: 1,
  };
}

/**
 * Before anything can be lost: this is no browser that keeps what it must, or one that vanishes when it is
 * closed.
 */
function inside({ tongue, inside, base, flow }: Room): HTMLElement | null {
  if (inside === null) {
    return flow.keepsNothing ? h("p", { class: "notice" }, tongue.say("keepsNothing")) : null;
  }
  const address = new URL(`${base}/`, location.href).href;
  const field = h("input", { type: "text", readonly: true, id: "address", class: "mono", value: address });
  const said = h("span", { role: "status" });
  const copy = async (): Promise<void> => {
    field.select();
    try {
      await navigator.clipboard.writeText(address);
      said.textContent = tongue.say("copied");
    } catch {
      said.textContent = tongue.say("copyByHand");
    }
  };
  const android = /Android/.test(navigator.userAgent);
  const place = address.replace(/^https?:\/\//, "");
  const intent = `intent://${place}#Intent;scheme=${location.protocol.slice(0, -1)};end`;
  return h(
    "div",
    { class: "notice", id: "inside" },
    h("p", {}, tongue.say("inside", { app: inside })),
    h("label", { for: "address" }, tongue.say("insideLink")),
    field,
    button(tongue.say("copy"), copy, "second"),
    said,
    android && h("p", {}, h("a", { href: intent }, tongue.say("openOutside"))),
    h("p", {}, tongue.say("insideThen")),
  );
}

/** Closed early, not open yet: told before anybody types. */
function pollsNotice(room: Room): HTMLElement | null {
  const { flow, tongue } = room;
  if (!flow.vote.loaded) return null;
  const polls = flow.vote.clock.polls?.polls;
  if (polls === "waiting") return h("p", { class: "notice" }, notOpenYet(room));
  if (polls === "shut" || polls === "sealed") return h("p", { class: "notice" }, tongue.say("shutAlready"));
  return null;
}

function notOpenYet({ flow, tongue }: Room): string {
  const { terms } = flow.vote.manifest.definition;
  return tongue.say("notOpenYet", { opens: tongue.moment(terms.opens, terms.timeZone) });
}

/** Why no paper will be given now; null where one will be. */
function noPaper(room: Room): string | null {
  const { flow, tongue } = room;
  const polls = flow.vote.clock.polls?.polls;
  switch (flow.papers) {
    case "given":
      return null;
    case "notYet":
      if (polls === "waiting") return notOpenYet(room);
      return polls === "open" ? tongue.say("pausedForQuorum") : tongue.say("papersNotYet");
    case "noLonger":
      return polls === "open" ? tongue.say("papersNoLonger") : tongue.say("shutAlready");
    case "asManyAsPresent":
      return tongue.say("papersAllGiven");
    case "taken":
      return tongue.say("TakenElsewhere");
  }
}

function welcome(room: Room, wrong: Problem | null, busy: boolean): Screen {
  const { flow, tongue } = room;
  const { terms } = flow.vote.manifest.definition;
  const panel = flow.vote.manifest.definition.panel(flow.panel);
  const closes = tongue.moment(flow.vote.closes, terms.timeZone);
  const why = noPaper(room);
  const promises = [1, 2, 3, 4].map((n) => h("li", {}, tongue.say(`promise${n}`, { k: terms.k })));
  const go =
    why === null
      ? button(tongue.say("begin"), () => flow.toMarks(), "big", busy)
      : button(tongue.say(busy ? "wait" : "tryAgain"), () => flow.askAgain(), "big", busy);
  return {
    title: tongue.say("welcomeTitle"),
    body: [
      inside(room),
      paragraph(tongue.say("welcomeUnit", { unit: unitName(flow, panel.unit) }), "lead"),
      paragraph(tongue.say("welcomeCount", { n: panel.contests.length, voters: panel.voters })),
      paragraph(tongue.say("welcomeCloses", { closes })),
      paragraph(tongue.say("finishHere")),
      why !== null && h("p", { class: "notice", role: "status" }, why),
      alert(tongue, wrong),
      go,
      h("h2", {}, tongue.say("promise")),
      h("ul", {}, ...promises),
      h("h2", {}, tongue.say("whoSees")),
      paragraph(tongue.say(`sees-${terms.visibility}`)),
      paragraph(tongue.say("group", { voters: panel.voters, k: terms.k })),
      criteria(room),
    ],
    step: 1,
  };
}

function stopped({ flow, tongue }: Room, wrong: Problem, retry: boolean): Screen {
  return {
    title: tongue.say("stoppedTitle"),
    body: [
      h("p", { class: "notice", role: "alert" }, sentence(tongue, wrong)),
      retry && acting(tongue.say("tryAgain"), () => flow.retry()),
      flow.vote.loaded && button(tongue.say("startAgain"), () => flow.leave(), "plain"),
    ],
  };
}
