// The member's sheet on the screen and on paper: made, entered again, scanned, lost. Danger: what is printed
// here is a share of the key; it goes to the printer and into fields, nowhere else.

import encodeQr from "qr";

import { groupHolds, readSheet } from "../../core/codes.ts";
import { fromText } from "../../core/octets.ts";
import { Scanner } from "../../dom/camera.ts";
import { type Child, download, h, qrPicture } from "../../dom/h.ts";
import { button, type Room, type Screen, sentence } from "./parts.ts";
import type { View } from "./view.ts";

const GROUPS = 13;

export function make({ flow, tongue }: Room, { groups, round, day }: View & { at: "make" }): Screen {
  const text = groups.join(" ");
  const { trustee, names, threshold } = flow.state;
  const name = names[trustee - 1] ?? "";
  const [year, month, date] = day.split("-");
  const facts: readonly (readonly [string, string])[] = [
    [tongue.say("sheetRound"), tongue.both(round)],
    [tongue.say("sheetMember"), `${trustee}. ${name}`],
    [tongue.say("sheetDay"), `${date}/${month}/${year}`],
    [tongue.say("sheetPurpose"), tongue.say("sheetPurposeIs", { n: names.length, t: threshold })],
    [tongue.say("sheetKeep"), tongue.say("sheetKeepIs")],
    [tongue.say("sheetLost"), tongue.say("sheetLostIs")],
  ];
  return {
    title: tongue.say("makeTitle"),
    body: [
      h("p", { class: "quiet" }, tongue.say("makeHint")),
      h(
        "dl",
        { class: "paper-facts" },
        ...facts.map(([dt, dd]) => h("div", {}, h("dt", {}, dt), h("dd", {}, dd))),
      ),
      h("ol", { class: "sheet mono" }, ...groups.map((group) => h("li", {}, group))),
      qrPicture(encodeQr(text, "raw", { ecc: "medium", border: 2 }), tongue.say("makeQr")),
      h("p", { class: "only-paper" }, tongue.say("sheetWords")),
      button(tongue.say("print"), () => print(), "second"),
      button(
        tongue.say("saveSheet"),
        () => download(`sheet-${trustee}.txt`, fromText(`${groups.join("\n")}\n`), "text/plain"),
        "second",
      ),
      button(tongue.say("made"), () => flow.enter("new"), "big"),
      button(tongue.say("back"), () => flow.home(), "plain"),
    ],
  };
}

export function enter(room: Room, { purpose, problem, typed }: View & { at: "enter" }): Screen {
  const { flow, tongue } = room;
  const inputs: HTMLInputElement[] = [];
  const keep = (i: number, text: string): void => {
    typed[i] = text;
    judge(i);
  };
  const spread = (text: string): void => {
    const groups = text.toUpperCase().replace(/[\s-]+/g, "");
    inputs.forEach((input, i) => {
      input.value = groups.slice(5 * i, 5 * i + 5);
      keep(i, input.value);
    });
  };
  const judge = (i: number): void => {
    const input = inputs[i] as HTMLInputElement;
    const text = input.value.trim();
    const asked = problem?.detail === String(i + 1);
    const bad = !groupHolds(i + 1, text) && (text.length >= 5 || asked);
    input.setAttribute("aria-invalid", String(bad));
    const why = text.length < 5 ? "groupShort" : "groupWrong";
    (input.nextElementSibling as HTMLElement).textContent = bad ? tongue.say(why, { n: i + 1 }) : "";
  };
  const fields = Array.from({ length: GROUPS }, (_, i) => {
    const input = h("input", {
      id: `group-${i + 1}`,
      maxlength: 7,
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
      class: "code group",
      "aria-describedby": `said-${i + 1}`,
    });
    input.value = typed[i] ?? "";
    input.addEventListener("paste", (event) => {
      const text = event.clipboardData?.getData("text") ?? "";
      if (text.trim().length > 5) {
        event.preventDefault();
        spread(text);
      }
    });
    input.addEventListener("input", () => {
      keep(i, input.value);
      if (input.value.trim().length === 5 && groupHolds(i + 1, input.value)) inputs[i + 1]?.focus();
    });
    inputs.push(input);
    return h(
      "div",
      {},
      h("label", { for: `group-${i + 1}` }, tongue.say("group", { n: i + 1 })),
      input,
      h("span", { class: "wrong", id: `said-${i + 1}` }),
    );
  });
  const file = h("input", { type: "file", id: "sheet-file", accept: ".txt,text/plain" });
  file.addEventListener("change", () => void file.files?.[0]?.text().then(spread));
  const submit = (event: Event): void => {
    event.preventDefault();
    void flow.entered(
      inputs.map((input) => input.value),
      purpose,
    );
  };
  const title = { new: "enterTitleNew", "go-on": "enterTitleGoOn", test: "enterTitleTest" }[purpose];
  inputs.forEach((_, i) => judge(i));
  const faulty = problem?.detail === undefined ? undefined : inputs[Number(problem.detail) - 1];
  return {
    title: tongue.say(title),
    focus: faulty,
    body: [
      problem !== null && h("p", { class: "notice", role: "alert" }, sentence(tongue, problem)),
      h("p", {}, tongue.say("enterHint")),
      room.decoder !== null && button(tongue.say("scanSheet"), () => flow.scan(purpose, typed), "second"),
      h(
        "form",
        { class: "field", onsubmit: submit },
        h("div", { class: "groups" }, ...fields),
        h("label", { for: "sheet-file" }, tongue.say("sheetFile")),
        file,
        h("button", { type: "submit", class: "big", "data-acts": true }, tongue.say("go")),
      ),
      button(tongue.say("back"), () => flow.home(), "plain"),
    ],
  };
}

/** The sheet before the camera: its QR code holds the groups. */
export function scan({ flow, tongue, decoder }: Room, { purpose, typed }: View & { at: "scan" }): Screen {
  const video = h("video", { class: "camera", muted: true, "aria-label": tongue.say("scanVideo") });
  video.muted = true;
  const scanner = new Scanner(video);
  const said = h("p", { role: "status", id: "scanned" });
  const take = (text: string): boolean => {
    try {
      readSheet(text);
    } catch {
      said.textContent = tongue.say("scanStrange");
      return false;
    }
    void flow.entered(text.trim().split(/\s+/), purpose);
    return true;
  };
  void scanner.watch(take, decoder ?? "").catch(() => (said.textContent = tongue.say("scanNoCamera")));
  return {
    title: tongue.say("scanTitle"),
    leave: () => scanner.stop(),
    body: [
      h("p", {}, tongue.say("scanHint")),
      video,
      said,
      button(tongue.say("scanBack"), () => flow.enter(purpose, typed), "second"),
    ],
  };
}

/** What to do when a sheet is lost: before the ceremony's end, and after it. */
export function lost({ flow, tongue }: Room): Screen {
  const { stage, names, threshold } = flow.state;
  const early = ["commit", "deal", "confirm"].includes(stage);
  const steps = early ? ["lostEarly1", "lostEarly2", "lostEarly3"] : ["lost1", "lost2", "lost3", "lost4"];
  const values = { t: threshold, n: names.length, spare: names.length - threshold };
  const items: Child[] = steps.map((name) => h("li", {}, tongue.say(name, values)));
  return {
    title: tongue.say("lostTitle"),
    body: [
      h("p", { class: "lead" }, tongue.say(early ? "lostEarly" : "lostLate", values)),
      h("ol", {}, ...items),
      h("p", {}, tongue.say("lostFound", values)),
      button(tongue.say("back"), () => flow.home(), "second"),
    ],
  };
}
