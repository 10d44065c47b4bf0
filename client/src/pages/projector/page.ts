// The projector's page, read from ten metres: how to get in, when polls close, how long that is, and a coarse
// turnout (docs/protocol.md 15.6), in both languages. Time and state are the server's.

import encodeQr from "qr";

import { shortCode } from "../../core/codes.ts";
import { headsManifest } from "../../core/form.ts";
import type { Manifest } from "../../core/manifest.ts";
import { h, qrPicture } from "../../dom/h.ts";
import { Tongue } from "../../dom/languages.ts";
import { onFailure, started } from "../../dom/starting.ts";
import { ServersClock } from "../booth/clock.ts";
import { type Exhibits, NOTHING } from "../booth/exhibits.ts";
import { HttpWire, Refused, Unreachable } from "../booth/wire.ts";
import { WORDS } from "./words.ts";

const EVERY = 20_000;
const AGAIN = 5_000;

const root = document.getElementById("projector") as HTMLElement;
const base = root.dataset["base"] as string;
const wire = new HttpWire(base);
const tongues = [new Tongue("vi", WORDS), new Tongue("en", WORDS)];
const clock = new ServersClock(() => performance.now());
let offline = false;

/** The same in both languages, one under the other. */
function both(make: (tongue: Tongue) => string, kind = ""): HTMLElement {
  return h(
    "div",
    { class: kind },
    ...tongues.map((tongue) => h("p", { lang: tongue.language }, make(tongue))),
  );
}

/** Hours, minutes and seconds until polls close, or what state they are in. */
function countdown(tongue: Tongue, closes: string): string {
  const polls = clock.polls;
  if (polls === null || offline) return tongue.say("offline");
  if (polls.polls === "waiting") return tongue.say("notOpen");
  if (polls.polls !== "open") return tongue.say("shut");
  const seconds = Math.max(0, Math.floor((clock.left(closes) ?? 0) / 1000));
  if (seconds === 0) return tongue.say("closing");
  const days = Math.floor(seconds / 86_400);
  if (days >= 2) return tongue.say("leftDays", { n: days });
  const two = (n: number): string => String(n).padStart(2, "0");
  const time = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return tongue.say("left", { time });
}

function share(tongue: Tongue): string {
  const polls = clock.polls;
  if (polls === null || polls.polls === "waiting") return "";
  return polls.percent === null || polls.percent === 0
    ? tongue.say("few")
    : tongue.say("turnout", { n: polls.percent });
}

function draw(manifest: Manifest, told: Exhibits): void {
  const { terms } = manifest.definition;
  const address = new URL(`${base}/`, location.href).href;
  // What is typed is short (docs/protocol.md 6.2); the code that is scanned may be long.
  const typed = `${location.host}${base.replace(/[0-9a-f]+$/u, "")}${shortCode(terms.survey)}`;
  const closes = told.closes ?? terms.closes;
  const left = tongues.map((tongue) =>
    h("p", { lang: tongue.language, class: "countdown" }, countdown(tongue, closes)),
  );
  document.title = `${terms.titleVi} – Tín Nhiệm`;
  const label = tongues.map((tongue) => tongue.say("qr")).join(" / ");
  const step = (n: number): HTMLElement =>
    h(
      "li",
      {},
      both((tongue) => tongue.say(`do${n}`)),
    );
  root.replaceChildren(
    h("h1", { translate: "no" }, terms.titleVi),
    h("p", { lang: "en", translate: "no", class: "title-en" }, terms.titleEn),
    h(
      "div",
      { class: "sides" },
      h(
        "div",
        {},
        qrPicture(encodeQr(address, "raw", { ecc: "medium", border: 2 }), label),
        h("p", { class: "address mono", translate: "no" }, typed),
      ),
      h(
        "div",
        {},
        h("ol", { class: "todo" }, step(1), step(2), step(3)),
        h("div", { role: "timer", "aria-live": "off" }, ...left),
        both((tongue) => tongue.say("closes", { at: tongue.moment(closes, terms.timeZone) }), "closing"),
        both(share, "figure-big"),
      ),
    ),
    h(
      "p",
      { class: "quiet" },
      h("a", { href: `${base}/?shared` }, tongues.map((tongue) => tongue.say("shared")).join(" / ")),
    ),
  );
  setCounting(left, closes);
}

let counting: ReturnType<typeof setInterval> | null = null;

/** Only the countdown changes each second: a page that is redrawn is read out anew. */
function setCounting(left: readonly HTMLElement[], closes: string): void {
  if (counting !== null) clearInterval(counting);
  counting = setInterval(() => {
    left.forEach((each, i) => (each.textContent = countdown(tongues[i] as Tongue, closes)));
  }, 1000);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}

async function run(): Promise<void> {
  let manifest: Manifest | null = null;
  let told = NOTHING;
  for (;;) {
    try {
      manifest ??= headsManifest(await wire.head());
      clock.set(await wire.polls());
      told = await wire.exhibits(manifest);
      offline = false;
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
      offline = true;
      if (manifest === null) sayOffline();
    }
    if (manifest !== null) draw(manifest, told);
    await pause(offline ? AGAIN : EVERY);
  }
}

function sayOffline(): void {
  root.replaceChildren(
    h("h1", {}, "Tín Nhiệm"),
    both((tongue) => tongue.say("offline"), "notice"),
  );
}

started();
onFailure(() => {
  sayOffline();
  setTimeout(() => location.reload(), EVERY);
});
void run();
