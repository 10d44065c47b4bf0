// Slips are made in the organizer's browser (docs/protocol.md §6, §17): codes stay here and on paper, the server gets public keys.
//
// Danger: until the slips are printed, this page is the only place where the codes are. So freezing waits for the print, and the
// same keys are sent again after any interruption.

import encodeQr from "qr";

import { encode, type Json } from "../../core/canonical.ts";
import { writeCode } from "../../core/codes.ts";
import { fromHex, fromText, type Octets, toHex } from "../../core/octets.ts";
import { SlipKey } from "../../core/secret/slip_key.ts";
import { ask, readJson, Refused, Unreachable } from "../../dom/http.ts";
import { download, h, qrPicture } from "../../dom/h.ts";
import { type Language, preferred, Tongue } from "../../dom/languages.ts";
import { WORDS } from "./words.ts";

interface Voter {
  readonly panel: number;
  readonly code: string;
  readonly name: string;
  readonly unit: string;
}

interface Invitation {
  readonly survey: string;
  readonly title: string;
  readonly opens: string;
  readonly closes: string;
  readonly time_zone: string;
  readonly client: string;
  readonly k: number;
  readonly warnings: readonly { readonly kind: string; readonly where: string; readonly number: number }[];
  readonly voters: readonly Voter[];
}

interface State {
  readonly stage: "draft" | "kept" | "freezing" | "frozen";
  readonly done: number;
  readonly all: number;
  readonly failed: string | null;
}

interface Slip {
  readonly voter: Voter;
  readonly code: Octets;
  readonly key: Octets;
}

const root = document.getElementById("slips") as HTMLElement;
const base = root.dataset["base"] as string;
const booth = new URL(root.dataset["booth"] as string, location.href).href;
const token = location.hash.slice(1);
const wanted = new URLSearchParams(location.search).get("lang");
let tongue = new Tongue(wanted === "vi" || wanted === "en" ? wanted : preferred(navigator.languages), WORDS);
let draw: () => void = () => undefined;
let slips: readonly Slip[] = [];
let printed = false;

function say(name: string, values: Readonly<Record<string, string | number>> = {}): string {
  return tongue.say(name, values);
}

function show(...body: readonly (Node | false)[]): void {
  document.documentElement.lang = tongue.language;
  document.title = `${say("title")} – Tín Nhiệm`;
  root.replaceChildren(h("h1", { tabindex: "-1" }, say("title")), ...body.filter((part): part is Node => part !== false));
  const other: Language = tongue.language === "vi" ? "en" : "vi";
  const turn = (): void => {
    tongue = new Tongue(other, WORDS);
    draw();
  };
  document.getElementById("band")?.replaceChildren(h("button", { type: "button", class: "band-button", lang: other, onclick: turn }, say("other")));
}

function screen(make: () => readonly (Node | false)[]): void {
  draw = () => show(...make());
  draw();
}

function button(text: string, act: () => unknown, kind = "", disabled = false): HTMLButtonElement {
  return h("button", { type: "button", class: kind, disabled, onclick: () => void act() }, text);
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
    const said = (): string => {
      if (error instanceof Refused) return tongue.both(error);
      if (error instanceof Unreachable) return say("Offline");
      throw error;
    };
    said();
    screen(() => [h("p", { class: "notice", role: "alert" }, said()), button(say("retry"), () => trying(act), "big")]);
  }
}

async function start(): Promise<void> {
  screen(() => [h("p", {}, say("loading"))]);
  const state = readJson(await get("state")) as State;
  if (state.stage === "draft") offer(readJson(await get("voters")) as Invitation);
  else await watch();
}

function offer(invitation: Invitation): void {
  const { voters, warnings, k } = invitation;
  const units = new Set(voters.map((voter) => voter.panel)).size;
  const names: Readonly<Record<string, string>> = { small_panel: "warnPanel", small_electorate: "warnElectorate", places: "warnPlaces", committee: "warnCommittee" };
  screen(() => [
    h("p", { class: "lead" }, invitation.title),
    h("p", {}, say("intro", { n: voters.length, units })),
    warnings.length > 0 && h("ul", { class: "notice" }, ...warnings.map((each) => h("li", {}, say(names[each.kind] ?? "", { where: each.where, n: each.number, k })))),
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

function handOut(invitation: Invitation): void {
  const done = (): void => {
    printed = true;
    draw();
  };
  const sheet = paper(invitation, slips);
  const save = (): void => {
    const rows = slips.map(({ voter, code }) => [voter.name, voter.unit, writeCode(code), `${booth}#${writeCode(code)}`].map(cell).join(","));
    download("slips.csv", fromText(`\ufeff${["name,unit,code,link", ...rows].join("\r\n")}\r\n`), "text/csv");
    done();
  };
  screen(() => [
    h("p", { class: "lead" }, invitation.title),
    button(say("print"), () => (print(), done()), "big"),
    button(say("save"), save, "second"),
    h("p", {}, say("printedHint")),
    h("p", { class: "quiet", role: "status" }, printed ? say("printed", { n: slips.length }) : say("needPrinted")),
    button(say("freeze"), () => trying(freeze), "big", !printed),
    sheet,
  ]);
}

/** A cell of a CSV that no spreadsheet takes for a formula. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}

/** The sheets: A4, eight a page, by static/css/slips.css. */
function paper(invitation: Invitation, all: readonly Slip[]): HTMLElement {
  const at = (instant: string): string => new Tongue("vi", WORDS).moment(instant, invitation.time_zone);
  const one = ({ voter, code }: Slip): HTMLElement => {
    const written = writeCode(code);
    return h(
      "li",
      {},
      h("p", { class: "slip-title" }, invitation.title),
      h(
        "div",
        { class: "slip-who" },
        h(
          "div",
          {},
          h("p", { class: "slip-name" }, voter.name),
          h("p", {}, voter.unit),
          h("p", {}, WORDS.vi["opens"]?.replace("{at}", at(invitation.opens)) ?? ""),
          h("p", {}, WORDS.vi["closes"]?.replace("{at}", at(invitation.closes)) ?? ""),
          h("p", { class: "slip-small" }, booth),
        ),
        qrPicture(encodeQr(`${booth}#${written}`, "raw", { ecc: "medium", border: 2 }), say("qr")),
      ),
      h("p", { class: "slip-code mono" }, written),
      ...PROMISES.map((text) => h("p", { class: "slip-small" }, text)),
      h("p", { class: "slip-small" }, WORDS.vi["program"]?.replace("{hash}", invitation.client.slice(0, 16)) ?? ""),
    );
  };
  return h("ul", { class: "slip-sheets" }, ...all.map(one));
}

/** As surveys/roll/slip_sheets.py prints them; a test compares the two. */
const PROMISES = [
  "Lựa chọn được mã hóa trên máy của bạn; không ai, kể cả ban kiểm phiếu, mở từng phiếu: chỉ mở tổng số của nhóm. Không nơi nào lưu giấy mời nào ứng với lá phiếu nào; đừng đưa giấy này cho người khác.",
  "Your marks are encrypted on your device; nobody, not even the committee, opens a single ballot: only sums of groups. Nothing stored links this slip to a ballot; do not give it to anybody.",
];

/** After freezing: a slip that was lost gets a new key, made here like the first one. */
function lost(invitation: Invitation, made: Slip | null): void {
  const input = h("input", { id: "who", list: "voters", autocomplete: "off" });
  const list = h("datalist", { id: "voters" }, ...invitation.voters.map((voter) => h("option", { value: voter.code }, `${voter.name} – ${voter.unit}`)));
  const wrong = h("p", { role: "alert" });
  const submit = (event: Event): void => {
    event.preventDefault();
    const voter = invitation.voters.find((each) => each.code === input.value.trim());
    if (voter === undefined) wrong.textContent = say("lostNobody");
    else void trying(() => replace(invitation, voter));
  };
  screen(() => [
    h("p", { class: "lead good", role: "status" }, made === null ? say("frozen") : say("lostDone", { name: made.voter.name })),
    made !== null && button(say("print"), () => print(), "big"),
    h("h2", {}, say("lostTitle")),
    h("p", {}, say("lostHint")),
    h("form", { class: "field", onsubmit: submit }, h("label", { for: "who" }, say("lostWho")), input, list, h("button", { type: "submit" }, say("lostGo")), wrong),
    made !== null && paper(invitation, [made]),
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
  await post("freeze", slips.map(({ voter, key }) => [voter.panel, voter.code, toHex(key)]));
  await watch();
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
      const sheet = slips.length > 0 ? paper(readJson(await get("voters")) as Invitation, slips) : null;
      screen(() => [
        h("p", { class: "lead good", role: "status" }, say("kept")),
        h("p", {}, h("a", { class: "as-button", href: desk() }, say("toDesk"))),
        sheet !== null && button(say("print"), () => print(), "second"),
        sheet === null && button(say("anew"), () => trying(async () => offer(readJson(await get("voters")) as Invitation)), "second"),
        sheet ?? false,
      ]);
      return;
    }
    if (stage === "draft" || stage === "kept") {
      screen(() => [h("p", { class: "notice", role: "alert" }, say("failed", { why: failed ?? "?" })), button(say("freeze"), () => trying(freeze), "big", slips.length === 0)]);
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
  if (slips.length > 0 && !printed) event.preventDefault();
});
if (token === "") screen(() => [h("p", { class: "notice", role: "alert" }, say("linkMissing"))]);
else void trying(start);
