// The committee page: the one file of it that touches the document.

import { Assistant } from "../../dom/assistant.ts";
import { canScan } from "../../dom/camera.ts";
import { Guard } from "../../dom/guard.ts";
import { h } from "../../dom/h.ts";
import { type Language, preferred, Tongue } from "../../dom/languages.ts";
import { keptDrawer, onFailure, started, takePersonalToken, UNKNOWN_LINK } from "../../dom/starting.ts";
import type { Answer, Job, Step } from "../../worker/committee.ts";
import { Flow } from "./flow.ts";
import { BrowserMemory } from "./memory.ts";
import type { Room } from "./parts.ts";
import { screen } from "./screens.ts";
import { HttpWire } from "./wire.ts";
import { WORDS } from "./words.ts";
import { moveBar } from "./working.ts";

const root = document.getElementById("trustee") as HTMLElement;
const base = root.dataset["base"] as string;
const results = root.dataset["results"] as string;
const { token, forget } = takePersonalToken(base);
const wanted = new URLSearchParams(location.search).get("lang");
let tongue = new Tongue(wanted === "vi" || wanted === "en" ? wanted : preferred(navigator.languages), WORDS);

const guard = new Guard(root);
const memory = new BrowserMemory(keptDrawer("localStorage"), base);
const oneWorker = (): Worker => new Worker(root.dataset["worker"] as string);
const assistant = new Assistant<Job, Answer | Step>(oneWorker);

function work(job: Job, hear: (step: Step) => void): Promise<Answer> {
  return assistant.ask(job, "hands" in job ? ([...job.hands] as MessagePort[]) : [], (said) => {
    if (said.kind !== "progress" && said.kind !== "checked") return said;
    hear(said);
    return null;
  });
}

/**
 * Other workers that share the checking of ballots: one a processor beside the first, up to four; made anew
 * for each use.
 */
let hands: Worker[] = [];

function ports(): MessagePort[] {
  for (const hand of hands) hand.terminate();
  const many = Math.min(4, Math.max(1, navigator.hardwareConcurrency ?? 1));
  hands = [];
  return Array.from({ length: many }, () => {
    const { port1, port2 } = new MessageChannel();
    const hand = oneWorker();
    hand.onerror = (event) => assistant.fail(new Error(event.message || "a worker did not start"));
    hand.postMessage({ do: "serve", port: port1 } satisfies Job, [port1]);
    hands.push(hand);
    return port2;
  });
}

const flow = new Flow({
  wire: new HttpWire(base, token),
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  work,
  memory,
  now: () => `${new Date().toISOString().slice(0, 19)}Z`,
  program: root.dataset["program"] as string,
  hands: ports,
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
});

let leave: () => void = () => undefined;
const main = h("div");
const table = h("div");

/** What is drawn at home: the flow looks every few seconds, and what is the same stays as it is. */
let drawn = "";

/** All that the screen at home depends on. */
function atHome(note: string | null): string {
  const { stage, complaints, busy } = flow.state;
  return JSON.stringify([note, flow.task, flow.hasSheet, stage, complaints, busy, tongue.language]);
}

function show(): void {
  const { view } = flow;
  if (view.at === "stopped" && view.problem.name === UNKNOWN_LINK) forget();
  const bar = document.getElementById("bar");
  const said = document.getElementById("bar-said");
  if (
    view.at === "working" &&
    bar !== null &&
    said !== null &&
    bar.getAttribute("aria-label") === tongue.say(`working_${view.what}`)
  ) {
    moveBar(tongue, bar as HTMLProgressElement, said, view.done, view.all);
    return;
  }
  const home = view.at === "home" ? atHome(view.note) : "";
  if (home !== "" && home === drawn) return;
  drawn = home;
  const decoder = canScan() ? (root.dataset["decoder"] as string) : null;
  const room: Room = { flow, tongue, results: `/${tongue.language}${results}`, decoder };
  leave();
  const { title, body, broad = false, focus, leave: left } = screen(room, view);
  leave = left ?? (() => undefined);
  root.classList.toggle("broad", broad);
  const heading = h("h1", { tabindex: "-1" }, title);
  document.documentElement.lang = tongue.language;
  document.title = `${title} – Tín Nhiệm`;
  main.replaceChildren(heading, ...body.filter((child) => child !== null && child !== false));
  band();
  (focus ?? heading).focus({ preventScroll: focus === undefined });
  if (focus === undefined) window.scrollTo(0, 0);
  guard.changed();
}

/**
 * Who has done what: made anew when the server says something new, without touching what somebody is
 * typing.
 */
function showTable(): void {
  if (!flow.loaded) return;
  const { names, commits, deals, confirms, cosigned, shares, certified } = flow.state;
  const steps = [
    ["stepCommit", commits],
    ["stepDeal", deals],
    ["stepConfirm", confirms],
    ["stepCosign", cosigned],
    ["stepShare", shares],
    ["stepCertify", certified],
  ] as const;
  const head = h(
    "tr",
    {},
    h("th", { scope: "col" }, tongue.say("member")),
    ...steps.map(([name]) => h("th", { scope: "col" }, tongue.say(name))),
  );
  const rows = names.map((name, i) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, `${i + 1}. ${name}`),
      ...steps.map(([, done]) =>
        h(
          "td",
          { class: done.includes(i + 1) ? "yes" : "" },
          tongue.say(done.includes(i + 1) ? "yes" : "no"),
        ),
      ),
    ),
  );
  table.replaceChildren(
    h(
      "div",
      { class: "scroll", role: "region", "aria-label": tongue.say("table"), tabindex: "0" },
      h(
        "table",
        { class: "done" },
        h("caption", {}, tongue.say("table")),
        h("thead", {}, head),
        h("tbody", {}, ...rows),
      ),
    ),
  );
}

function band(): void {
  const other: Language = tongue.language === "vi" ? "en" : "vi";
  const turn = (): void => {
    tongue = new Tongue(other, WORDS);
    show();
    showTable();
  };
  document
    .getElementById("band")
    ?.replaceChildren(
      h("button", { type: "button", class: "band-button", lang: other, onclick: turn }, tongue.say("other")),
    );
}

started();
onFailure((error) => flow.fail(error));
root.replaceChildren(main, table);
flow.onChange = show;
flow.onState = () => {
  showTable();
  // At home the screen says what is next, which may have changed.
  if (flow.view.at === "home") flow.home();
};
window.addEventListener("pagehide", () => {
  memory.write();
  flow.leave();
});
document.addEventListener("visibilitychange", () => memory.write());
show();
if (token === "") main.append(h("p", { class: "notice", role: "alert" }, tongue.say("linkMissing")));
else void flow.run();
