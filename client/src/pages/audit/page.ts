// The verifier's page: the one file of it that touches the document. It sends nothing but the request for a
// bundle that the server offers.

import { Guard } from "../../dom/guard.ts";
import { type Child, h, download as save } from "../../dom/h.ts";
import { type Language, preferred, Tongue } from "../../dom/languages.ts";
import { onFailure, started } from "../../dom/starting.ts";
import type { Finding } from "../../verifier/verify.ts";
import type { Said, Task } from "../../worker/auditing.ts";
import { CHECKS, table, titled, verdict } from "./findings.ts";
import {
  Flow,
  NotOffered,
  type Offer,
  type Outcome,
  type Problem,
  type Running,
  reportJson,
  type View,
} from "./flow.ts";
import { committee } from "./members.ts";
import { WORDS } from "./words.ts";

const root = document.getElementById("audit") as HTMLElement;
const guard = new Guard(root);
const given = (name: string): string => root.dataset[name] ?? "";
const offer: Offer | null =
  given("bundle") === ""
    ? null
    : { address: given("bundle"), size: Number(given("size")), sha256: given("sha256") };
const wanted = given("language");
let tongue = new Tongue(wanted === "vi" || wanted === "en" ? wanted : preferred(navigator.languages), WORDS);
const MOST_HANDS = 8;

/**
 * All workers are made at once, while there is a network: later there may be none. The first coordinates, the
 * others are its hands.
 */
const many = 1 + Math.min(MOST_HANDS, Math.max(1, navigator.hardwareConcurrency || 2));
const [first, ...others] = Array.from({ length: many }, () => new Worker(given("worker"))) as [
  Worker,
  ...Worker[],
];
let lost: string | null = null;
let listening: (said: Said) => void = () => undefined;

function lose(why: string): void {
  lost = why;
  listening({ kind: "broken", why });
}

for (const worker of [first, ...others]) {
  worker.onerror = (event): void => {
    lose(event.message || "a worker did not start");
  };
}
/** Seconds without a word of a verification, counted only while this page runs: who sleeps is not silent. */
let silent = 0;
const PATIENCE = 120;
first.onmessage = (event: MessageEvent<Said>): void => {
  silent = 0;
  listening(event.data);
};
setInterval(() => {
  silent = flow.view.at === "verify" ? silent + 1 : 0;
  if (silent > PATIENCE) lose("a worker is silent");
}, 1000);

function verify(bundle: Blob, heard: (said: Said) => void): Running {
  listening = heard;
  if (lost !== null) {
    heard({ kind: "broken", why: lost });
    return { stop: () => undefined };
  }
  const ports = others.map((worker) => {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ be: "hand", port: port1 } satisfies Task, [port1]);
    return port2;
  });
  first.postMessage({ be: "coordinator", bundle, hands: ports } satisfies Task, ports);
  return { stop: () => first.postMessage({ be: "stopped" } satisfies Task) };
}

function hash(file: Blob): Promise<string> {
  return new Promise((done, failed) => {
    listening = (said) => (said.kind === "hash" ? done(said.sha256) : failed(new Error(said.kind)));
    if (lost !== null) failed(new Error(lost));
    else first.postMessage({ be: "hasher", file } satisfies Task);
  });
}

async function download(
  from: Offer,
  onBytes: (done: number, all: number) => void,
  stopped: AbortSignal,
): Promise<Blob> {
  const answer = await fetch(from.address, {
    credentials: "omit",
    cache: "no-store",
    redirect: "error",
    referrerPolicy: "no-referrer",
    signal: stopped,
  });
  if (!answer.ok) throw new NotOffered(`status ${answer.status}`);
  const all = Number(answer.headers.get("Content-Length") ?? 0);
  const reader = answer.body?.getReader();
  const pieces: BlobPart[] = [];
  let done = 0;
  for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
    pieces.push(part.value);
    done += part.value.length;
    onBytes(done, all);
  }
  return new Blob(pieces);
}

const flow = new Flow({ download, verify, hash }, CHECKS);
const main = h("div");
root.replaceChildren(main);

const megabytes = (bytes: number): string =>
  new Intl.NumberFormat(tongue.language, { maximumFractionDigits: 1 }).format(bytes / 1e6);

function button(text: string, act: () => unknown, kind = ""): HTMLButtonElement {
  return h("button", { type: "button", class: kind, onclick: () => void act() }, text);
}

/** What was last drawn as a whole; a bar that only moves is moved. */
let drawn = "";

function show(): void {
  const { view } = flow;
  const frame =
    `${view.at} ${tongue.language} ` +
    `${view.at === "verify" ? view.findings.length : view.at === "done" ? view.outcome.typeset : ""}`;
  if (frame !== drawn || view.at === "start") {
    const again = drawn.split(" ")[0] === view.at && view.at === "verify";
    drawn = frame;
    if (again) updateTable((view as View & { at: "verify" }).findings);
    else draw(view);
  }
  if (view.at === "download")
    move(
      view.all > 0 ? view.done / view.all : 0,
      tongue.say("download_progress", { done: megabytes(view.done), all: megabytes(view.all) }),
    );
  if (view.at === "verify")
    move(
      view.share,
      tongue.say("verify_progress", {
        check: view.check,
        title: tongue.say(`check_${view.check}`),
        percent: Math.floor(view.share * 100),
      }),
    );
}

function draw(view: View): void {
  const { title, body } = screen(view);
  const heading = h("h1", { tabindex: "-1" }, title);
  document.documentElement.lang = tongue.language;
  document.title = `${title} – Tín Nhiệm`;
  main.replaceChildren(
    heading,
    ...body.filter((child): child is Node | string => child !== null && child !== false),
  );
  const other: Language = tongue.language === "vi" ? "en" : "vi";
  const turn = (): void => {
    tongue = new Tongue(other, WORDS);
    drawn = "";
    show();
  };
  document
    .getElementById("band")
    ?.replaceChildren(
      h("button", { type: "button", class: "band-button", lang: other, onclick: turn }, tongue.say("other")),
    );
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  guard.changed();
}

let saidAt = "";

/** The bar moves all the time; what is read out changes with the check, and every tenth of the way. */
function move(share: number, text: string): void {
  const bar = document.getElementById("bar") as HTMLProgressElement | null;
  const shown = document.getElementById("bar-shown");
  const said = document.getElementById("bar-said");
  if (bar === null || shown === null || said === null) return;
  bar.value = share;
  shown.textContent = text;
  const step = `${flow.view.at} ${Math.floor(share * 10)}`;
  if (step === saidAt) return;
  saidAt = step;
  said.textContent = text;
}

interface Screen {
  readonly title: string;
  readonly body: readonly Child[];
}

function screen(view: View): Screen {
  if (view.at === "start") return { title: tongue.say("title"), body: start(view.problem) };
  if (view.at === "done") return done(view.outcome);
  const title = tongue.say(`${view.at}_title`);
  const bar = h("progress", { id: "bar", max: 1, value: 0, "aria-label": title });
  const body: Child[] = [
    bar,
    h("p", { id: "bar-shown", "aria-hidden": "true" }),
    h("p", { id: "bar-said", role: "status", class: "unseen" }),
  ];
  body.push(button(tongue.say("stop"), () => flow.start(), "second"));
  if (view.at === "verify") body.push(table(tongue, view.findings));
  saidAt = "";
  return { title, body };
}

function start(problem: Problem | null): readonly Child[] {
  const input = h("input", {
    type: "file",
    id: "file",
    accept: ".zip,application/zip",
    onchange: () => input.files?.[0] !== undefined && flow.verify(input.files[0], input.files[0].name),
  });
  return [
    problem !== null &&
      h("p", { class: "notice", role: "alert" }, tongue.say(problem.name, { why: problem.why })),
    lost !== null && button(tongue.say("reload"), () => location.reload(), "second"),
    h("p", { class: "lead" }, tongue.say("lead")),
    h("p", {}, tongue.say("promise")),
    ...(offer === null ? [] : offered(offer)),
    h("h2", {}, tongue.say("own")),
    h("div", { class: "field" }, h("label", { for: "file" }, tongue.say("file")), input),
    h("h2", {}, tongue.say("independent")),
    h("p", {}, tongue.say("independentHint")),
    h("p", {}, tongue.say("trust")),
    given("board") !== "" &&
      h("p", {}, h("a", { href: `/${tongue.language}${given("board")}` }, tongue.say("board"))),
  ];
}

function offered(bundle: Offer): readonly Child[] {
  return [
    h("h2", {}, tongue.say("offered")),
    h("p", {}, tongue.both({ vi: given("titleVi"), en: given("titleEn") })),
    button(tongue.say("fetch", { size: megabytes(bundle.size) }), () => flow.fetch(bundle), "big"),
    h("p", { class: "quiet" }, `${tongue.say("published")}: `, h("code", { class: "hash" }, bundle.sha256)),
  ];
}

function done(outcome: Outcome): Screen {
  const { report, sha256 } = outcome;
  const n = report.findings.length;
  const failed = report.findings.filter((each) => each.verdict === "failed");
  const first = failed[0];
  const unreached = report.findings.filter((each) => each.verdict === "not reached").length;
  const sentence =
    first === undefined
      ? tongue.say("good", { n })
      : tongue.say("bad", {
          check: first.check,
          title: tongue.say(`check_${first.check}`),
          where: first.where ?? "",
          why: first.why ?? "",
          failed: failed.length,
          unreached,
          n,
        });
  const fact = (name: string, value: string | number | null, hash = false): Child =>
    value !== null &&
    h(
      "div",
      {},
      h("dt", {}, tongue.say(name)),
      h("dd", {}, hash ? h("code", { class: "hash" }, String(value)) : String(value)),
    );
  return {
    title: tongue.say(report.good ? "good_title" : "bad_title"),
    body: [
      h(
        "p",
        {
          class: `lead ${report.good ? "good" : "notice"}`,
          role: report.good ? "status" : "alert",
          id: "verdict",
        },
        sentence,
      ),
      h(
        "dl",
        { class: "facts" },
        fact("vote", tongue.language === "vi" ? report.title_vi : report.title_en),
        fact("ballots", report.ballots),
        fact("manifest", report.manifest, true),
        fact("root", report.board, true),
        fact("sha256", sha256, true),
      ),
      offer !== null &&
        h(
          "p",
          { class: sha256 === offer.sha256 ? "" : "notice" },
          tongue.say(sha256 === offer.sha256 ? "same" : "different"),
        ),
      h("p", {}, tongue.say("compare")),
      ...committee(report, tongue),
      ...typesetMinutes(outcome),
      button(
        tongue.say("save"),
        () =>
          save(
            `report-${report.survey ?? "bundle"}.json`,
            new TextEncoder().encode(reportJson(outcome, WORDS)),
            "application/json",
          ),
        "second",
      ),
      button(tongue.say("again"), () => flow.start(), "plain"),
      table(tongue, report.findings),
    ],
  };
}

/** 13.7, where a file is given. */
function typesetMinutes({ report, typeset }: Outcome): readonly Child[] {
  if (report.typeset === null) return [];
  const input = h("input", {
    type: "file",
    id: "typeset",
    accept: ".pdf,application/pdf",
    onchange: () => input.files?.[0] !== undefined && flow.compare(input.files[0]),
  });
  return [
    h("h2", {}, tongue.say("minutes")),
    h(
      "div",
      { class: "field" },
      h("label", { for: "typeset" }, tongue.say("typeset")),
      h("span", { class: "hint" }, tongue.say("typesetHint")),
      input,
    ),
    h(
      "p",
      {
        role: "status",
        id: "typeset-said",
        class: typeset === "same" ? "good" : typeset === null ? "" : "notice",
      },
      typeset === null ? "" : tongue.say(`typeset_${typeset}`),
    ),
  ];
}

function updateTable(findings: readonly Finding[]): void {
  const i = findings.length - 1;
  document.getElementById(`verdict-${i}`)?.replaceChildren(verdict(tongue, findings[i]));
  document.getElementById(`title-${i}`)?.replaceChildren(...titled(tongue, CHECKS[i] ?? "", findings[i]));
}

started();
onFailure((error) => flow.start({ name: "broken", why: String(error) }));
flow.onChange = show;
show();
