// The booth's page: the one file of it that touches the document. It puts flow, screens, worker and storage together.

import { readCode } from "../../core/codes.ts";
import { Rejected } from "../../core/errors.ts";
import { fromHex, toHex } from "../../core/octets.ts";
import { h } from "../../dom/h.ts";
import { type Language, preferred, Tongue } from "../../dom/languages.ts";
import type { Sealed, SealJob } from "../../worker/sealing.ts";
import { Flow } from "./flow.ts";
import { checkFound } from "./look.ts";
import { type Room, screen, type Screen, sentence } from "./screens.ts";
import { type Drawer, Pocket } from "./storage.ts";
import { HttpWire, Refused, Unreachable } from "./wire.ts";
import { WORDS } from "./words.ts";

const CODE = "tn-code";
const LANGUAGE = "tn-language";
const WIPE_AFTER = 60;

const root = document.getElementById("booth") as HTMLElement;
const hex = root.dataset["survey"] as string;
const base = root.dataset["base"] as string;
const worker = root.dataset["worker"] as string;
const asked = new URLSearchParams(location.search);
const shared = asked.has("shared");
const wire = new HttpWire(base);

let tongue = new Tongue(startLanguage(), WORDS);
let looking = false;
let ticking: ReturnType<typeof setInterval> | null = null;

/** The drawer of the browser, or one that lasts as long as the page. */
function drawer(of: "localStorage" | "sessionStorage"): { drawer: Drawer; lasting: boolean } {
  try {
    const held = window[of];
    held.setItem("tn-try", "1");
    held.removeItem("tn-try");
    return { drawer: held, lasting: true };
  } catch {
    return { drawer: new Pocket(), lasting: false };
  }
}

const local = drawer("localStorage");
const session = drawer("sessionStorage").drawer;

function startLanguage(): Language {
  const wanted = new URLSearchParams(location.search).get("lang");
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

/** The worker is loaded with the page: from the paper to the cast nothing is fetched. After an error it is made anew. */
let sealer: Worker | null = null;

function readyWorker(): Worker {
  sealer ??= new Worker(worker, { type: "module" });
  return sealer;
}

function seal(job: SealJob): Promise<Sealed> {
  return new Promise((sealed, failed) => {
    const at = readyWorker();
    at.onmessage = (event: MessageEvent<Sealed>) => sealed(event.data);
    at.onerror = (event) => {
      at.terminate();
      sealer = null;
      failed(new Error(event.message));
    };
    at.postMessage(job);
  });
}

/** The photos of the panel's leaders, fetched while the slip is welcomed. A photo that does not come is left out. */
const photos = new Map<number, string>();

async function loadPhotos(): Promise<void> {
  const wanted = flow.manifest.definition.panel(flow.panel).contests.filter((contest) => flow.exhibits.photos.includes(contest));
  for (const contest of wanted) {
    if (photos.has(contest)) continue;
    try {
      photos.set(contest, URL.createObjectURL(new Blob([(await wire.photo(contest)) as BlobPart], { type: "image/jpeg" })));
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
    }
  }
}

const flow = new Flow({
  survey: fromHex(hex) ?? new Uint8Array(),
  wire,
  drawer: local.drawer,
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  seal,
  lock,
  unlock,
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  remember: (code) => (code === null ? session.removeItem(CODE) : session.setItem(CODE, code)),
});
flow.keepsNothing = !local.lasting;

function show(): void {
  const room: Room = { flow, tongue, base, shared, photos, look: () => openLook("") };
  draw(screen(room, flow.view));
  if (shared && flow.view.at === "done") wipeSoon();
}

/** One screen: heading, body, and the same frame each time. The heading gets the focus, so that it is read out. */
function draw({ title, body }: Screen): void {
  stopTicking();
  const heading = h("h1", { tabindex: "-1" }, title);
  document.documentElement.lang = tongue.language;
  document.title = `${title} – ${voteTitle()}`;
  tell();
  for (const old of [...root.children]) if (old !== notices) old.remove();
  root.append(vote(), heading, ...body.filter((child) => child !== null && child !== false), facts());
  frame();
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** What the organizers say stands above every screen, in a place that is there from the beginning, and what is said stays: so it is
 * read out once, and not again with each screen or when more is said. */
const notices = h("div", { role: "status", "aria-atomic": "false", id: "notices" });

function tell(): void {
  const texts = flow.loaded ? flow.notices.map((each) => tongue.both(each)) : [];
  for (const old of [...notices.children]) if (!texts.includes(old.textContent)) old.remove();
  texts.forEach((text, i) => {
    const there = notices.children[i] ?? null;
    if (there?.textContent !== text) notices.insertBefore(h("p", { class: "notice" }, text), there);
  });
}

function voteTitle(): string {
  if (!flow.loaded) return "Tín Nhiệm";
  const { terms } = flow.manifest.definition;
  return tongue.both({ vi: terms.titleVi, en: terms.titleEn });
}

function vote(): HTMLElement {
  const left = flow.loaded ? timeLeft(Date.parse(flow.closes) - Date.now()) : "";
  return h("p", { class: "vote" }, h("strong", {}, voteTitle()), left === "" ? "" : ` · ${left}`);
}

function timeLeft(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 0) return tongue.say("closed");
  const [unit, n] = minutes >= 2880 ? ["days", Math.floor(minutes / 1440)] : minutes >= 120 ? ["hours", Math.floor(minutes / 60)] : ["minutes", minutes];
  return tongue.say("timeLeft", { time: tongue.say(unit as string, { n: n as number }) });
}

/** What lets a voter compare this page with the slip and with other voters' pages. */
function facts(): HTMLElement {
  const hash = flow.loaded ? toHex(flow.manifest.hash) : "";
  const clients = (root.dataset["clients"] as string).split(" ");
  return h(
    "footer",
    { class: "facts-foot" },
    hash !== "" && h("p", {}, `${tongue.say("manifestHash")}: `, h("span", { class: "mono hash" }, hash)),
    h("p", {}, `${tongue.say("software")}: `, h("span", { class: "mono hash" }, clients.join(" "))),
  );
}

/** The band above: language, look-up. Made once a screen, in the door's header. */
function frame(): void {
  const other: Language = tongue.language === "vi" ? "en" : "vi";
  const turn = (): void => {
    tongue = new Tongue(other, WORDS);
    session.setItem(LANGUAGE, other);
    if (looking) openLook((document.getElementById("tracker") as HTMLInputElement | null)?.value ?? "");
    else show();
  };
  document.getElementById("band")?.replaceChildren(
    h("button", { type: "button", class: "band-button", onclick: () => openLook("") }, tongue.say("look")),
    h("button", { type: "button", class: "band-button", lang: other, onclick: turn }, tongue.say("other")),
  );
}

function openLook(typed: string): void {
  looking = true;
  const input = h("input", { id: "tracker", autocomplete: "off", spellcheck: "false", maxlength: 40, class: "code", value: typed });
  const answer = h("p", { role: "status", id: "answer" });
  const submit = (event: Event): void => {
    event.preventDefault();
    answer.textContent = tongue.say("wait");
    void look(input.value).then((said) => (answer.textContent = said));
  };
  const back = (): void => {
    looking = false;
    show();
  };
  draw({
    title: tongue.say("lookTitle"),
    body: [
      h("form", { class: "field", onsubmit: submit }, h("label", { for: "tracker" }, tongue.say("tracker")), input, h("button", { type: "submit" }, tongue.say("lookGo"))),
      answer,
      h("button", { type: "button", class: "plain", onclick: back }, tongue.say("lookBack")),
    ],
  });
}

async function look(typed: string): Promise<string> {
  try {
    const tracker = readCode(typed, "tracker");
    const found = checkFound(await wire.find(tracker), tracker, flow.manifest);
    if (found.at === "board") return tongue.say("lookBoard", { i: found.place, n: found.size });
    return tongue.say(found.at === "box" ? "lookBox" : "lookNowhere");
  } catch (error) {
    if (error instanceof Rejected) return error.check === "6.2" ? tongue.say("CodeTypo") : tongue.say("lookFalse", { check: error.check });
    if (error instanceof Refused) return sentence(tongue, { name: error.code, vi: error.vi, en: error.en });
    if (error instanceof Unreachable) return tongue.say("Offline");
    throw error;
  }
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

/** The code in the fragment is taken out of the address at once: it must not stay in the history or be shown to a neighbour. */
function takeCode(): string | null {
  const scanned = decodeURIComponent(location.hash.slice(1));
  if (scanned !== "") {
    history.replaceState(null, "", location.pathname + location.search);
    return scanned;
  }
  return session.getItem(CODE);
}

const held = session.getItem(LANGUAGE);
if (held === "vi" || held === "en") tongue = new Tongue(held, WORDS);
readyWorker();
root.prepend(notices);
flow.onChange = () => {
  looking = false;
  if (flow.view.at === "welcome" && !flow.view.busy) void loadPhotos();
  show();
};
window.addEventListener("online", () => flow.hurry());
window.addEventListener("hashchange", () => {
  const code = takeCode();
  if (code !== null) void flow.enterCode(code);
});
window.addEventListener("beforeunload", (event) => {
  if (flow.unsaved) event.preventDefault();
});
void flow.start(takeCode());
