// The check page: a ballot that was challenged in the booth is made anew here, on another device
// (docs/protocol.md 8.8, 8.9).

import { checkOpening, panelIn } from "../../core/ballot.ts";
import { writeCode } from "../../core/codes.ts";
import { Malformed, Rejected } from "../../core/errors.ts";
import { headsManifest, votersManifest } from "../../core/form.ts";
import type { Manifest } from "../../core/manifest.ts";
import type { Octets } from "../../core/octets.ts";
import { decodeOpening, decodeShort, type Opening, openShort } from "../../core/opening.ts";
import { type Child, h } from "../../dom/h.ts";
import { type Both, type Language, preferred, Tongue } from "../../dom/languages.ts";
import { onFailure, started, takeFragment } from "../../dom/starting.ts";
import { HttpWire, Refused, Unreachable } from "../booth/wire.ts";
import { WORDS } from "./words.ts";

const root = document.getElementById("check") as HTMLElement;
const wire = new HttpWire(root.dataset["base"] as string);
let tongue = new Tongue(preferred(navigator.languages), WORDS);
let head: Octets | null = null;
let answer: () => readonly Child[] = () => [];

function draw(): void {
  document.documentElement.lang = tongue.language;
  document.title = `${tongue.say("title")} – Tín Nhiệm`;
  const input = h("input", {
    type: "file",
    id: "file",
    accept: ".json,application/json",
    onchange: () => void take(input.files?.[0]),
  });
  const status = h("div", { role: "status", id: "answer" }, ...answer());
  root.replaceChildren(
    h("h1", { tabindex: "-1" }, tongue.say("title")),
    h("p", {}, tongue.say("hint")),
    h("div", { class: "field" }, h("label", { for: "file" }, tongue.say("file")), input),
    status,
  );
  const other: Language = tongue.language === "vi" ? "en" : "vi";
  const turn = (): void => {
    tongue = new Tongue(other, WORDS);
    draw();
  };
  document
    .getElementById("band")
    ?.replaceChildren(
      h("button", { type: "button", class: "band-button", lang: other, onclick: turn }, tongue.say("other")),
    );
}

function say(...made: readonly (() => Child)[]): void {
  answer = () => made.map((make) => make());
  draw();
}

function notice(name: string, why = "", again: (() => Promise<void>) | null = null): void {
  const retry = (): Child =>
    again !== null &&
    h("button", { type: "button", class: "big", onclick: () => void again() }, tongue.say("retry"));
  say(() => h("p", { class: "notice", role: "alert" }, tongue.say(name, { why })), retry);
}

async function take(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  await check(async () => {
    const opening = decodeOpening(new Uint8Array(await file.arrayBuffer()));
    return [opening, await manifestFor(panelIn(opening.body, "opening.body"))];
  });
}

/**
 * The head, and of the lists what this panel's voters see (4.6). A panel that does not exist has nothing;
 * whoever reads the ballot says so.
 */
async function manifestFor(panel: number): Promise<Manifest> {
  head ??= await wire.head();
  const alone = headsManifest(head);
  if (panel >= alone.definition.terms.roots.panels.size) return alone;
  return votersManifest(head, await wire.formOf(panel), panel);
}

/** Read an opening, check it against the manifest, show what it holds. */
async function check(read: () => Promise<[Opening, Manifest]>): Promise<void> {
  say(() => h("p", {}, tongue.say("working")));
  try {
    const [opening, of] = await read();
    const ballot = checkOpening(opening.body, opening.choices, opening.randomness, of);
    show(of, ballot.panel, opening.choices, writeCode(ballot.tracker));
  } catch (error) {
    const again = (): Promise<void> => check(read);
    if (error instanceof Unreachable) return notice("Offline", "", again);
    if (error instanceof Refused)
      return say(() => h("p", { class: "notice", role: "alert" }, tongue.both(error)));
    if (error instanceof Malformed) return notice("unreadable", `${error.check}, ${error.where}`);
    if (error instanceof Rejected) return notice("bad", `${error.check}, ${error.where}`);
    notice("Broken", String(error), again);
  }
}

function show(of: Manifest, panel: number, choices: readonly number[], tracker: string): void {
  const { terms } = of.definition;
  const levels = terms.rule["levels"] as unknown as readonly Both[];
  say(
    () => h("p", { class: "lead good" }, tongue.say("good")),
    () =>
      h(
        "dl",
        { class: "marks" },
        ...of.definition.panel(panel).contests.map((contest, i) => {
          const level = levels[(choices[i] ?? 0) - 1];
          const text = level === undefined ? tongue.say("notMarked") : tongue.both(level);
          return h("div", {}, h("dt", {}, terms.contests[contest]?.name ?? ""), h("dd", {}, text));
        }),
      ),
    () => h("p", { class: "tracker" }, `${tongue.say("tracker")}: `, h("strong", { class: "mono" }, tracker)),
    () => h("p", {}, tongue.say("compare")),
  );
}

function fromBase64url(text: string): Octets {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw new Malformed("8.9", "short", "not base64url");
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  } catch {
    throw new Malformed("8.9", "short", "not base64url");
  }
}

/** A ballot in the address: what it holds is in the page's memory alone, and goes with it. */
function takeScanned(): void {
  const scanned = takeFragment();
  if (scanned === "") return;
  void check(async () => {
    const short = decodeShort(fromBase64url(scanned));
    const of = await manifestFor(short.panel);
    return [openShort(short, of), of];
  });
}

started();
onFailure((error) => notice("Broken", String(error), async () => location.reload()));
addEventListener("hashchange", takeScanned);
draw();
takeScanned();
