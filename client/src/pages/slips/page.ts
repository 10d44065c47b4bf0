// Slips are made in the organizer's browser (docs/protocol.md §6, §17): codes stay here and on paper, the
// server gets public keys.
//
// Danger: until the slips are printed, this page is the only place where the codes are. So freezing waits for
// the print, and the same keys are sent again after any interruption.

import { encode, type Json } from "../../core/canonical.ts";
import { writeCode } from "../../core/codes.ts";
import { fromHex, fromText, type Octets, toHex } from "../../core/octets.ts";
import { SlipKey } from "../../core/secret/slip_key.ts";
import { Guard } from "../../dom/guard.ts";
import { download, h } from "../../dom/h.ts";
import { ask, Refused, readJson, Unreachable } from "../../dom/http.ts";
import { type Language, preferred, Tongue } from "../../dom/languages.ts";
import { onFailure, started, takePersonalToken, UNKNOWN_LINK } from "../../dom/starting.ts";
import { type Invitation, type Slip, sheets, tellContact, typedAddress, type Voter } from "./sheets.ts";
import { WORDS } from "./words.ts";

interface State {
  readonly stage: "draft" | "kept" | "freezing" | "frozen";
  readonly done: number;
  readonly all: number;
  readonly failed: string | null;
}

const root = document.getElementById("slips") as HTMLElement;
const base = root.dataset["base"] as string;
const booth = new URL(root.dataset["booth"] as string, location.href).href;
const { token, forget } = takePersonalToken(base);
const wanted = new URLSearchParams(location.search).get("lang");
let tongue = new Tongue(wanted === "vi" || wanted === "en" ? wanted : preferred(navigator.languages), WORDS);
let draw: () => void = () => undefined;
let slips: readonly Slip[] = [];
/** What the organizer has stated of the sheets: on paper, and one of them read by a camera. */
const stated = { printed: false, scanned: false };
/** Who helps voters, once the organizer has said so; before that what the installation says. */
let contact: string | null = null;
const guard = new Guard(root);

function say(name: string, values: Readonly<Record<string, string | number>> = {}): string {
  return tongue.say(name, values);
}

function show(...body: readonly (Node | false)[]): void {
  document.documentElement.lang = tongue.language;
  document.title = `${say("title")} – Tín Nhiệm`;
  root.replaceChildren(
    h("h1", { tabindex: "-1" }, say("title")),
    ...body.filter((part): part is Node => part !== false),
  );
  guard.changed();
  const other: Language = tongue.language === "vi" ? "en" : "vi";
  const turn = (): void => {
    tongue = new Tongue(other, WORDS);
    draw();
  };
  document
    .getElementById("band")
    ?.replaceChildren(
      h("button", { type: "button", class: "band-button", lang: other, onclick: turn }, say("other")),
    );
}

function screen(make: () => readonly (Node | false)[]): void {
  draw = () => show(...make());
  draw();
}

function button(text: string, act: () => unknown, kind = "", disabled = false): HTMLButtonElement {
  const acts = kind === "big"; // never under the finger that pressed the button of the screen before
  const click = (): void => void act();
  return h("button", { type: "button", class: kind, disabled, "data-acts": acts, onclick: click }, text);
}

function get(way: string): Promise<Octets> {
  return ask(`${base}/${way}`, { token });
}

function post(way: string, value: Json): Promise<Octets> {
  return ask(`${base}/${way}`, { token, body: encode(value), type: "application/json" });
}

/** What goes wrong is shown with a way to try again; the slips stay on the page. */
async function trying(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    stop(error, act);
  }
}

function stop(error: unknown, again: () => Promise<void>): void {
  if (error instanceof Refused && error.code === UNKNOWN_LINK) forget();
  const said = (): string => {
    if (error instanceof Refused) return tongue.both(error);
    if (error instanceof Unreachable) return say("Offline");
    return say("Broken", { why: String(error) });
  };
  screen(() => [
    h("p", { class: "notice", role: "alert" }, said()),
    button(say("retry"), () => trying(again), "big"),
  ]);
}

async function start(): Promise<void> {
  screen(() => [h("p", {}, say("loading"))]);
  const state = readJson(await get("state")) as State;
  if (state.stage !== "draft") return watch();
  const invitation = readJson(await get("voters")) as Invitation;
  if (slips.length > 0) handOut(invitation);
  else offer(invitation);
}

function offer(invitation: Invitation): void {
  const { voters, warnings, k } = invitation;
  const units = new Set(voters.map((voter) => voter.panel)).size;
  const names: Readonly<Record<string, string>> = {
    small_panel: "warnPanel",
    small_electorate: "warnElectorate",
    places: "warnPlaces",
    committee: "warnCommittee",
  };
  screen(() => [
    h("p", { class: "lead" }, invitation.title),
    h("p", {}, say("intro", { n: voters.length, units })),
    warnings.length > 0 &&
      h(
        "ul",
        { class: "notice" },
        ...warnings.map((each) =>
          h("li", {}, say(names[each.kind] ?? "", { where: each.where, n: each.number, k })),
        ),
      ),
    button(say("make", { n: voters.length }), () => make(invitation), "big"),
  ]);
}

async function make(invitation: Invitation): Promise<void> {
  const survey = fromHex(invitation.survey) as Octets;
  const made: Slip[] = [];
  const bar = h("progress", { max: invitation.voters.length, value: 0, "aria-label": say("making") });
  const said = h("p", { role: "status" }, say("making"));
  screen(() => [said, bar]);
  for (const voter of invitation.voters) {
    const code = crypto.getRandomValues(new Uint8Array(10));
    made.push({ voter, code, key: new SlipKey(code, survey).public });
    if (made.length % 25 === 0) {
      bar.value = made.length;
      said.textContent = say("progress", { done: made.length, all: invitation.voters.length });
      await new Promise((done) => setTimeout(done));
    }
  }
  slips = made;
  handOut(invitation);
}

/** The sheets, and what the organizer states of them. They stay until both is stated, frozen or not. */
function toPrint(invitation: Invitation, onStated: () => void): readonly Node[] {
  const typed = typedAddress(booth, fromHex(invitation.survey) as Octets);
  const helps = contact ?? invitation.contact;
  const paper = sheets(invitation, slips, { booth, typed, contact: helps });
  const save = (): void => {
    const rows = slips.map(({ voter, code }) =>
      [voter.code, voter.name, voter.unit, writeCode(code), `${booth}#${writeCode(code)}`]
        .map(cell)
        .join(","),
    );
    const all = ["person,name,unit,code,link", ...rows].join("\r\n");
    download("slips.csv", fromText(`\ufeff${all}\r\n`), "text/csv");
  };
  const state = (which: "printed" | "scanned", text: string): HTMLElement => {
    const box = h("input", { type: "checkbox", id: which, "data-acts": true });
    box.checked = stated[which];
    box.addEventListener("change", () => {
      stated[which] = box.checked;
      onStated();
    });
    return h("p", { class: "tick" }, box, h("label", { for: which }, text));
  };
  const help = h("input", { id: "contact", autocomplete: "off", maxlength: 60, value: helps });
  help.addEventListener("input", () => {
    contact = help.value.trim();
    tellContact(paper, contact);
  });
  return [
    h(
      "div",
      { class: "field" },
      h("label", { for: "contact" }, say("contact")),
      h("span", { class: "hint" }, say("contactHint")),
      help,
    ),
    button(say("print"), () => print(), "second"),
    button(say("save"), save, "second"),
    state("printed", say("printed", { n: slips.length })),
    state("scanned", say("scanned", { host: new URL(booth).host })),
    paper,
  ];
}

function handOut(invitation: Invitation): void {
  screen(() => {
    const freezing = button(say("freeze"), () => trying(freeze), "big", !stated.printed);
    const told = h("p", { class: "quiet", role: "status" });
    const onStated = (): void => {
      freezing.disabled = !stated.printed;
      told.textContent = stated.printed ? "" : say("needPrinted");
    };
    onStated();
    const all = toPrint(invitation, onStated);
    return [
      h("p", { class: "lead" }, invitation.title),
      h("p", {}, say("printedHint")),
      ...all.slice(0, -1),
      told,
      freezing,
      ...all.slice(-1),
    ];
  });
}

/** After the keys are in: the sheets stay until they are said to be on paper, and one to have been read. */
function stillHere(invitation: Invitation, done: () => void): readonly Node[] {
  if (slips.length === 0) return [];
  const clear = (): void => {
    slips = [];
    done();
  };
  const away = button(say("clear"), clear, "second", !(stated.printed && stated.scanned));
  const onStated = (): void => {
    away.disabled = !(stated.printed && stated.scanned);
  };
  const all = toPrint(invitation, onStated);
  return [
    h("h2", {}, say("stillTitle")),
    h("p", {}, say("stillHint")),
    ...all.slice(0, -1),
    away,
    ...all.slice(-1),
  ];
}

/** A cell of a CSV that no spreadsheet takes for a formula. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}

/** After freezing: a slip that was lost gets a new key, made here like the first one. */
function lost(invitation: Invitation, made: Slip | null): void {
  const input = h("input", { id: "who", list: "voters", autocomplete: "off" });
  const list = h(
    "datalist",
    { id: "voters" },
    ...invitation.voters.map((voter) => h("option", { value: voter.code }, `${voter.name} – ${voter.unit}`)),
  );
  const wrong = h("p", { role: "alert" });
  const submit = (event: Event): void => {
    event.preventDefault();
    const voter = invitation.voters.find((each) => each.code === input.value.trim());
    if (voter === undefined) wrong.textContent = say("lostNobody");
    else void trying(() => replace(invitation, voter));
  };
  screen(() => [
    h(
      "p",
      { class: "lead good", role: "status" },
      made === null ? say("frozen") : say("lostDone", { name: made.voter.name }),
    ),
    made !== null && button(say("print"), () => print(), "big"),
    ...(made === null ? stillHere(invitation, () => lost(invitation, null)) : []),
    h("h2", {}, say("lostTitle")),
    h("p", {}, say("lostHint")),
    h(
      "form",
      { class: "field", onsubmit: submit },
      h("label", { for: "who" }, say("lostWho")),
      input,
      list,
      h("button", { type: "submit" }, say("lostGo")),
      wrong,
    ),
    made !== null &&
      sheets(invitation, [made], {
        booth,
        typed: typedAddress(booth, fromHex(invitation.survey) as Octets),
        contact: contact ?? invitation.contact,
      }),
  ]);
}

/** The key is made once: the same one is sent again after an interruption. */
async function replace(invitation: Invitation, voter: Voter): Promise<void> {
  const code = crypto.getRandomValues(new Uint8Array(10));
  const slip = { voter, code, key: new SlipKey(code, fromHex(invitation.survey) as Octets).public };
  const send = async (): Promise<void> => {
    await post("replace", { panel: voter.panel, code: voter.code, key: toHex(slip.key) });
    lost(invitation, slip);
  };
  await trying(send);
}

/** The round's task list, where its organizer goes on. */
function desk(): string {
  return base.replace(/\/o\/([0-9a-f]+)$/u, `/s/${tongue.language}/rounds/$1/prepare`);
}

async function freeze(): Promise<void> {
  await post(
    "freeze",
    slips.map(({ voter, key }) => [voter.panel, voter.code, toHex(key)]),
  );
  await watch();
}

/** The keys are in and wait for the desk. */
function kept(invitation: Invitation): void {
  screen(() => [
    h("p", { class: "lead good", role: "status" }, say("kept")),
    h("p", {}, h("a", { class: "as-button", href: desk() }, say("toDesk"))),
    ...(slips.length > 0
      ? stillHere(invitation, () => kept(invitation))
      : [button(say("anew"), () => trying(async () => offer(invitation)), "second")]),
  ]);
}

async function watch(): Promise<void> {
  for (;;) {
    const state = readJson(await get("state")) as State;
    const { stage, done, all, failed } = state;
    if (stage === "frozen") {
      lost(readJson(await get("voters")) as Invitation, null);
      return;
    }
    if (stage === "kept" && failed === null) {
      kept(readJson(await get("voters")) as Invitation);
      return;
    }
    if (stage === "draft" || stage === "kept") {
      screen(() => [
        h("p", { class: "notice", role: "alert" }, say("failed", { why: failed ?? "?" })),
        button(say("freeze"), () => trying(freeze), "big", slips.length === 0),
      ]);
      return;
    }
    screen(() => [
      h("h2", {}, say("freezing")),
      h("progress", { max: Math.max(1, all), value: done, "aria-label": say("freezing") }),
      h("p", { role: "status" }, say("progress", { done, all })),
    ]);
    await new Promise((wake) => setTimeout(wake, 500));
  }
}

window.addEventListener("beforeunload", (event) => {
  if (slips.length > 0 && !(stated.printed && stated.scanned)) event.preventDefault();
});
started();
onFailure((error) => stop(error, start));
if (token === "") screen(() => [h("p", { class: "notice", role: "alert" }, say("linkMissing"))]);
else void trying(start);
