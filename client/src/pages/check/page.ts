// The check page: a ballot that was challenged in the booth is made anew here, on another device (docs/protocol.md 8.8, 8.9).

import { writeCode } from "../../core/codes.ts";
import { Malformed, Rejected } from "../../core/errors.ts";
import { decodeManifest, type Manifest } from "../../core/manifest.ts";
import { decodeOpening, decodeShort, type Opening, openShort } from "../../core/opening.ts";
import type { Octets } from "../../core/octets.ts";
import { type Both, type Language, preferred, Tongue } from "../../dom/languages.ts";
import { type Child, h } from "../../dom/h.ts";
import { HttpWire, Refused, Unreachable } from "../booth/wire.ts";
import { WORDS } from "./words.ts";

const root = document.getElementById("check") as HTMLElement;
const wire = new HttpWire(root.dataset["base"] as string);
let tongue = new Tongue(preferred(navigator.languages), WORDS);
let manifest: Manifest | null = null;
let answer: () => readonly Child[] = () => [];

function draw(): void {
  document.documentElement.lang = tongue.language;
  document.title = `${tongue.say("title")} – Tín Nhiệm`;
  const input = h("input", { type: "file", id: "file", accept: ".json,application/json", onchange: () => void take(input.files?.[0]) });
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
  document.getElementById("band")?.replaceChildren(h("button", { type: "button", class: "band-button", lang: other, onclick: turn }, tongue.say("other")));
}

function say(...made: readonly (() => Child)[]): void {
  answer = () => made.map((make) => make());
  draw();
}

function notice(name: string, why = ""): void {
  say(() => h("p", { class: "notice", role: "alert" }, tongue.say(name, { why })));
}

async function take(file: File | undefined): Promise<void> {
  if (file !== undefined) await check(async (held) => [decodeOpening(new Uint8Array(await file.arrayBuffer())), held]);
}

/** Read an opening, check it against the manifest, show what it holds. */
async function check(read: (manifest: Manifest) => Promise<[Opening, Manifest]>): Promise<void> {
  say(() => h("p", {}, tongue.say("working")));
  try {
    manifest ??= decodeManifest(await wire.manifest());
    const [opening, of] = await read(manifest);
    const ballot = opening.check(of);
    show(of, ballot.panel, opening.choices, writeCode(ballot.tracker));
  } catch (error) {
    if (error instanceof Unreachable) return notice("Offline");
    if (error instanceof Refused) return say(() => h("p", { class: "notice", role: "alert" }, tongue.both(error)));
    if (error instanceof Malformed) return notice("unreadable", `${error.check}, ${error.where}`);
    if (error instanceof Rejected) return notice("bad", `${error.check}, ${error.where}`);
    throw error;
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

draw();
if (location.hash.length > 1) {
  const scanned = location.hash.slice(1);
  void check((held) => Promise.resolve([openShort(decodeShort(fromBase64url(scanned)), held), held]));
}
