// The committee page: the one file of it that touches the document.

import { h } from "../../dom/h.ts";
import { type Language, preferred, Tongue } from "../../dom/languages.ts";
import type { Answer, Job } from "../../worker/committee.ts";
import { Flow } from "./flow.ts";
import { moveBar, type Room, screen } from "./screens.ts";
import { HttpWire } from "./wire.ts";
import { WORDS } from "./words.ts";

const OPENED = "tn-opened";

const root = document.getElementById("trustee") as HTMLElement;
const base = root.dataset["base"] as string;
const results = root.dataset["results"] as string;
const token = location.hash.slice(1);
const wanted = new URLSearchParams(location.search).get("lang");
let tongue = new Tongue(wanted === "vi" || wanted === "en" ? wanted : preferred(navigator.languages), WORDS);

const worker = new Worker(root.dataset["worker"] as string, { type: "module" });

/** The flow asks one thing at a time, so answers need no names. */
function work(job: Job, onProgress: (answer: Answer & { kind: "progress" }) => void): Promise<Answer> {
  return new Promise((done, failed) => {
    worker.onmessage = (event: MessageEvent<Answer>) => {
      if (event.data.kind === "progress") onProgress(event.data);
      else done(event.data);
    };
    worker.onerror = (event) => failed(new Error(event.message));
    worker.postMessage(job);
  });
}

const flow = new Flow({
  wire: new HttpWire(base, token),
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  work,
  opened: {
    load: () => JSON.parse(localStorage.getItem(OPENED) ?? "[]") as [string, string][],
    save: (opened) => localStorage.setItem(OPENED, JSON.stringify(opened)),
  },
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
});

const main = h("div");
const table = h("div");

function show(): void {
  const { view } = flow;
  const bar = document.getElementById("bar");
  const said = document.getElementById("bar-said");
  if (view.at === "working" && bar !== null && said !== null && bar.getAttribute("aria-label") === tongue.say(`working_${view.what}`)) {
    moveBar(tongue, bar as HTMLProgressElement, said, view.done, view.all);
    return;
  }
  const room: Room = { flow, tongue, results: `/${tongue.language}${results}` };
  const { title, body } = screen(room, view);
  const heading = h("h1", { tabindex: "-1" }, title);
  document.documentElement.lang = tongue.language;
  document.title = `${title} – Tín Nhiệm`;
  main.replaceChildren(heading, ...body.filter((child) => child !== null && child !== false));
  band();
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** Who has done what: made anew when the server says something new, without touching what somebody is typing. */
function showTable(): void {
  if (!flow.loaded) return;
  const { names, commits, deals, confirms, shares } = flow.state;
  const steps = [["stepCommit", commits], ["stepDeal", deals], ["stepConfirm", confirms], ["stepShare", shares]] as const;
  const head = h("tr", {}, h("th", { scope: "col" }, tongue.say("member")), ...steps.map(([name]) => h("th", { scope: "col" }, tongue.say(name))));
  const rows = names.map((name, i) =>
    h("tr", {}, h("th", { scope: "row" }, `${i + 1}. ${name}`), ...steps.map(([, done]) => h("td", { class: done.includes(i + 1) ? "yes" : "" }, tongue.say(done.includes(i + 1) ? "yes" : "no")))),
  );
  table.replaceChildren(
    h("div", { class: "scroll", role: "region", "aria-label": tongue.say("table"), tabindex: "0" }, h("table", { class: "done" }, h("caption", {}, tongue.say("table")), h("thead", {}, head), h("tbody", {}, ...rows))),
  );
}

function band(): void {
  const other: Language = tongue.language === "vi" ? "en" : "vi";
  const turn = (): void => {
    tongue = new Tongue(other, WORDS);
    show();
    showTable();
  };
  document.getElementById("band")?.replaceChildren(h("button", { type: "button", class: "band-button", lang: other, onclick: turn }, tongue.say("other")));
}

root.replaceChildren(main, table);
flow.onChange = show;
flow.onState = () => {
  showTable();
  // At home the screen says what is next, which may have changed.
  if (flow.view.at === "home") flow.home();
};
window.addEventListener("pagehide", () => flow.leave());
show();
if (token === "") main.append(h("p", { class: "notice", role: "alert" }, tongue.say("linkMissing")));
else void flow.run();
