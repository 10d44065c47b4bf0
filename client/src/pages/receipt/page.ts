// The receipt page: a saved receipt is read here and held against the box (docs/protocol.md 9.5). The
// receipt is sent nowhere: one bucket is asked for, as in every look-up (15.5).

import { headsManifest } from "../../core/form.ts";
import type { Manifest } from "../../core/manifest.ts";
import { type Child, h } from "../../dom/h.ts";
import { type Language, preferred, Tongue } from "../../dom/languages.ts";
import { onFailure } from "../../dom/starting.ts";
import { HttpWire, Refused, Unreachable } from "../booth/wire.ts";
import { type Judged, judge } from "./judge.ts";
import { WORDS } from "./words.ts";

const MOST_BYTES = 1024 * 1024;
const COMMAND = "surveys check-receipt RECEIPT BUNDLE";

const root = document.getElementById("receipt") as HTMLElement;
const wire = new HttpWire(root.dataset["base"] as string);
let tongue = new Tongue(preferred(navigator.languages), WORDS);
let manifest: Manifest | null = null;
let typed = "";
let answer: () => readonly Child[] = () => [];

function draw(): void {
  document.documentElement.lang = tongue.language;
  document.title = `${tongue.say("title")} – Tín Nhiệm`;
  root.replaceChildren(
    h("h1", { tabindex: "-1" }, tongue.say("title")),
    h("p", {}, tongue.say("hint")),
    form(),
    h("div", { role: "status", id: "answer" }, ...answer()),
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

function form(): HTMLElement {
  const file = h("input", { type: "file", id: "file", onchange: () => void takeFile(file.files?.[0]) });
  const text = h("textarea", {
    id: "text",
    rows: 6,
    maxlength: MOST_BYTES,
    autocomplete: "off",
    spellcheck: "false",
    translate: "no",
    oninput: () => (typed = text.value),
  });
  text.value = typed;
  const submit = (event: Event): void => {
    event.preventDefault();
    void check(text.value);
  };
  return h(
    "form",
    { autocomplete: "off", onsubmit: submit },
    h("div", { class: "field" }, h("label", { for: "file" }, tongue.say("file")), file),
    h("div", { class: "field" }, h("label", { for: "text" }, tongue.say("text")), text),
    h("button", { type: "submit" }, tongue.say("go")),
  );
}

/** Only the answer changes: what was chosen and typed, and the focus, stay. */
function say(made: () => readonly Child[]): void {
  answer = made;
  document
    .getElementById("answer")
    ?.replaceChildren(...made().filter((each) => each !== null && each !== false));
}

function notice(name: string): void {
  say(() => [h("p", { class: "notice" }, tongue.say(name))]);
}

async function takeFile(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  if (file.size > MOST_BYTES) return notice("tooLarge");
  await check(await file.text());
}

async function check(text: string): Promise<void> {
  say(() => [h("p", {}, tongue.say("working"))]);
  try {
    manifest ??= headsManifest(await wire.head());
    const judged = await judge(text, manifest, (prefix) => wire.bucket(prefix));
    say(() => shown(judged));
  } catch (error) {
    if (error instanceof Unreachable) return notice("Offline");
    if (error instanceof Refused) return say(() => [h("p", { class: "notice" }, tongue.both(error))]);
    throw error;
  }
}

function shown(judged: Judged): readonly Child[] {
  switch (judged.verdict) {
    case "unreadable":
    case "another":
    case "forged":
      return [h("p", { class: "notice" }, tongue.say(judged.verdict))];
    case "falseAnswer":
      return [
        h("p", { class: "notice" }, tongue.say("falseAnswer", { check: judged.check })),
        code(judged.tracker),
      ];
    case "found":
      return [...place(judged), code(judged.tracker)];
  }
}

function place({ found }: Extract<Judged, { verdict: "found" }>): readonly Child[] {
  switch (found.at) {
    case "box":
      return [h("p", { class: "lead good" }, tongue.say("box"))];
    case "board":
      return [h("p", { class: "lead good" }, tongue.say("board", { i: found.place, n: found.size }))];
    case "nowhere":
      return [h("p", { class: "notice" }, tongue.say("nowhere")), ...whatToDo()];
    case "missing":
      return [h("p", { class: "notice" }, tongue.say("missing", { n: found.size })), ...whatToDo()];
  }
}

function whatToDo(): readonly Child[] {
  const lines = ["again", "notAgain", "bundle"].map((name) => h("li", {}, tongue.say(name)));
  return [
    h("h2", {}, tongue.say("todo")),
    h("ol", {}, ...lines),
    h("p", {}, h("code", { translate: "no" }, COMMAND)),
  ];
}

function code(tracker: string): Child {
  return h("p", { class: "tracker" }, `${tongue.say("tracker")}: `, h("strong", { class: "mono" }, tracker));
}

onFailure(() => notice("Broken"));
draw();
