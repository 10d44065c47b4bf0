// The booth's page: the one file of it that touches the document. It puts flow, screens, worker and storage
// together.

import { fromHex } from "../../core/octets.ts";
import { insideOf } from "../../dom/browsers.ts";
import { canScan } from "../../dom/camera.ts";
import { Guard } from "../../dom/guard.ts";
import { h } from "../../dom/h.ts";
import { type Language, preferred, Tongue } from "../../dom/languages.ts";
import { keptDrawer, onFailure, started, takeFragment } from "../../dom/starting.ts";
import { type Room, type Screen, steps } from "./elements.ts";
import { Flow } from "./flow.ts";
import { facts, voteLine, voteTitle } from "./frame.ts";
import { Gallery } from "./gallery.ts";
import { lookScreen } from "./look_screen.ts";
import { scanScreen } from "./scan_screen.ts";
import { screen } from "./screens.ts";
import { Sealer } from "./sealer.ts";
import { Pocket } from "./storage.ts";
import { HttpWire } from "./wire.ts";
import { WORDS } from "./words.ts";

const LANGUAGE = "tn-language";
const WIPE_AFTER = 60;
const LOOK_EVERY = 60_000;

const root = document.getElementById("booth") as HTMLElement;
const base = root.dataset["base"] as string;
const asked = new URLSearchParams(location.search);
const shared = asked.has("shared");
const wire = new HttpWire(base);
const local = keptDrawer("localStorage");
const session = keptDrawer("sessionStorage") ?? new Pocket();
const sealer = new Sealer(root.dataset["worker"] as string, root.dataset["here"] as string);
const gallery = new Gallery(wire);
const guard = new Guard(root);

let tongue = new Tongue(startLanguage(), WORDS);
/** What stands before the flow's own screens: the look-up or the camera. */
let beside: (() => Screen) | null = null;
let leaveBeside: () => void = () => undefined;
let ticking: ReturnType<typeof setInterval> | null = null;

function startLanguage(): Language {
  const wanted = asked.get("lang") ?? session.getItem(LANGUAGE);
  return wanted === "vi" || wanted === "en" ? wanted : preferred(navigator.languages);
}

let release: (() => void) | null = null;

/** One tab at a time, where the browser has locks; without them each step reads what was put away before. */
async function lock(name: string): Promise<boolean> {
  if (!("locks" in navigator)) return true;
  release?.();
  release = null;
  return new Promise((decided) => {
    void navigator.locks.request(name, { ifAvailable: true }, (held) => {
      decided(held !== null);
      return held === null ? undefined : new Promise<void>((free) => (release = free));
    });
  });
}

function unlock(): void {
  release?.();
  release = null;
}

const flow = new Flow({
  survey: fromHex(root.dataset["survey"] as string) ?? new Uint8Array(),
  wire,
  drawer: local ?? new Pocket(),
  shared,
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  seal: (job) => sealer.seal(job),
  lock,
  unlock,
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  elapsed: () => performance.now(),
});
flow.keepsNothing = local === null;

function room(): Room {
  return {
    flow,
    tongue,
    base,
    shared,
    photos: gallery.photos,
    reports: gallery.reports,
    inside: insideOf(navigator.userAgent),
    canScan: canScan(),
    look: openLook,
    scan: openCamera,
  };
}

function show(): void {
  draw(beside === null ? screen(room(), flow.view) : beside());
  if (shared && beside === null && flow.view.at === "done") wipeSoon();
}

/**
 * One screen: heading, body, and the same frame each time. The heading gets the focus, so that it is read
 * out.
 */
function draw({ title, body, step, focus }: Screen): void {
  stopTicking();
  const heading = h("h1", { tabindex: "-1" }, title);
  document.documentElement.lang = tongue.language;
  document.title = `${title} – ${voteTitle(flow, tongue)}`;
  tell();
  for (const old of [...root.children]) if (old !== notices) old.remove();
  const shown = body.filter((child) => child !== null && child !== false);
  const clients = (root.dataset["clients"] as string).split(" ");
  root.append(
    voteLine(flow, tongue),
    ...(step === undefined ? [] : [steps(tongue, step)]),
    heading,
    ...shown,
    facts(flow, tongue, clients),
  );
  frame();
  (focus ?? heading).focus({ preventScroll: focus === undefined });
  if (focus === undefined) window.scrollTo(0, 0);
  guard.changed();
}

/**
 * What the organizers say stands above every screen, in a place that is there from the beginning, and
 * what is said stays: so it is read out once, and not again with each screen or when more is said.
 */
const notices = h("div", { role: "status", "aria-atomic": "false", id: "notices" });

function tell(): void {
  const mine = flow.presented ? flow.panel : null;
  const texts = flow.vote.loaded ? flow.vote.notices(mine).map((each) => tongue.both(each)) : [];
  for (const old of [...notices.children]) if (!texts.includes(old.textContent ?? "")) old.remove();
  texts.forEach((text, i) => {
    const there = notices.children[i] ?? null;
    if (there?.textContent !== text) notices.insertBefore(h("p", { class: "notice" }, text), there);
  });
}

/** The band above: language, look-up. Made once a screen, in the door's header. */
function frame(): void {
  const other: Language = tongue.language === "vi" ? "en" : "vi";
  const turn = (): void => {
    tongue = new Tongue(other, WORDS);
    session.setItem(LANGUAGE, other);
    show();
  };
  const look = h("button", { type: "button", class: "band-button", onclick: openLook }, tongue.say("look"));
  const language = h(
    "button",
    { type: "button", class: "band-button", lang: other, onclick: turn },
    tongue.say("other"),
  );
  document.getElementById("band")?.replaceChildren(...(flow.vote.loaded ? [look] : []), language);
}

/** Photos and reports are there. Whoever marks already is not disturbed: they are seen on the next screen. */
function moreToSee(): void {
  if (beside === null && flow.view.at === "marking" && document.activeElement?.tagName === "H1") show();
}

function openBeside(make: () => Screen, leave: () => void = () => undefined): void {
  leaveBeside();
  beside = make;
  leaveBeside = leave;
  show();
}

function closeBeside(): void {
  leaveBeside();
  leaveBeside = () => undefined;
  beside = null;
  show();
}

function openLook(): void {
  if (!flow.vote.loaded) return;
  const state = { typed: flow.view.at === "done" ? flow.view.receipt.tracker : "" };
  openBeside(() => lookScreen(flow, tongue, state, closeBeside));
}

function openCamera(): void {
  const made = scanScreen(() => tongue, root.dataset["decoder"] as string, {
    close: closeBeside,
    found: (code) => {
      closeBeside();
      void flow.enterCode(code);
    },
  });
  openBeside(made.screen, made.stop);
}

/** On a shared device nothing of a voter stays, even when the voter walks away. */
function wipeSoon(): void {
  let left = WIPE_AFTER;
  const told = h("p", { class: "quiet", role: "timer" }, tongue.say("nextSoon", { n: left }));
  root.append(told);
  ticking = setInterval(() => {
    left -= 1;
    told.textContent = tongue.say("nextSoon", { n: left });
    if (left === 0) flow.wipe();
  }, 1000);
}

function stopTicking(): void {
  if (ticking !== null) clearInterval(ticking);
  ticking = null;
}

started();
onFailure(() => {
  leaveBeside();
  beside = null;
  flow.fail();
});
root.prepend(notices);
flow.onChange = () => {
  leaveBeside();
  beside = null;
  const { view } = flow;
  // A page that went on from what it kept never welcomed anybody: its rows are the first to know the panel.
  if (view.at === "marking" || (view.at === "welcome" && !view.busy)) void gallery.load(flow, moreToSee);
  if (view.at === "sealing") gallery.stop();
  show();
};
window.addEventListener("online", () => flow.hurry());
window.addEventListener("hashchange", () => {
  const code = takeFragment();
  if (code !== "") void flow.enterCode(code);
});
window.addEventListener("beforeunload", (event) => {
  if (flow.unsaved) event.preventDefault();
});
setInterval(() => {
  if (!shared) void flow.lookForOwn();
}, LOOK_EVERY);
void flow.start(takeFragment() || null);
