// Marking and reviewing. Nothing has been asked for yet, and nothing of it is kept by the browser.

import { type Child, h } from "../../dom/h.ts";
import {
  acting,
  button,
  criteria,
  levels,
  marksList,
  name,
  paragraph,
  type Room,
  type Row,
  rows,
  type Screen,
} from "./elements.ts";

export function marking(room: Room, row: number | null): Screen {
  const { flow, tongue } = room;
  const leaders = rows(flow).map((each, i) => leader(room, each, i));
  // A form that browsers do not fill in again: they would write its state, the marks, down for their next
  // start.
  const form = h("form", { autocomplete: "off", onsubmit: (event) => event.preventDefault() }, ...leaders);
  const focus = row === null ? undefined : (leaders[row]?.querySelector("input") ?? undefined);
  return {
    title: tongue.say("markTitle"),
    body: [
      paragraph(tongue.say("markHint")),
      flow.revoting && earlier(room),
      form,
      button(tongue.say("toReview"), () => flow.review(), "big"),
    ],
    step: 2,
    ...(focus === undefined ? {} : { focus }),
  };
}

/** Somebody who votes again: the earlier ballot counts until the new one is cast, and there is a way back. */
function earlier({ flow, tongue }: Room): HTMLElement {
  return h(
    "div",
    { class: "notice" },
    paragraph(tongue.say("earlierCounts")),
    button(tongue.say("keepEarlier"), () => flow.keepEarlier(), "second"),
  );
}

function leader(room: Room, row: Row, i: number): HTMLElement {
  const { flow, tongue } = room;
  const choices = levels(flow).map((level, j) => {
    const input = h("input", {
      type: "radio",
      name: `row-${i}`,
      id: `row-${i}-${j + 1}`,
      value: j + 1,
      onchange: () => flow.mark(i, j + 1),
    });
    input.checked = flow.marks[i] === j + 1;
    const label = { class: `choice choice-${j + 1}`, for: `row-${i}-${j + 1}`, "data-acts": true };
    return h("label", label, input, name(tongue.both(level)));
  });
  const clear = (): void => {
    flow.mark(i, 0);
    for (const choice of choices) (choice.firstElementChild as HTMLInputElement).checked = false;
    (choices[0]?.firstElementChild as HTMLElement | undefined)?.focus();
  };
  const photo = room.photos.get(row.contest);
  return h(
    "fieldset",
    { class: "leader" },
    h("legend", {}, name(row.name, "leader-name")),
    photo !== undefined &&
      h("img", {
        class: "photo",
        src: photo,
        alt: tongue.say("photo", { name: row.name }),
        width: 72,
        height: 96,
      }),
    h("p", { class: "place", translate: "no" }, row.titles === "" ? row.unit : `${row.titles} – ${row.unit}`),
    report(room, row),
    criteria(room, row.name),
    questions(room, row),
    flow.vote.excluded(row.contest) && h("p", { class: "notice" }, tongue.say("excluded")),
    h("div", { class: "choices" }, ...choices),
    h(
      "button",
      { type: "button", class: "plain", "aria-label": `${tongue.say("clear")}: ${row.name}`, onclick: clear },
      tongue.say("clear"),
    ),
  );
}

/** The self-report, out of this page's memory: opening it asks the server for nothing. */
function report({ flow, tongue, reports }: Room, row: Row): Child {
  if (!flow.vote.exhibits.reports.includes(row.contest)) return null;
  const address = reports.get(row.contest);
  if (address === undefined) return h("p", { class: "quiet" }, tongue.say("reportComing"));
  const link = { href: address, target: "_blank", rel: "noopener noreferrer", type: "application/pdf" };
  return h("p", {}, h("a", link, tongue.say("report"), h("span", { class: "unseen" }, `: ${row.name}`)));
}

/** What was asked of a leader, and the answers. */
function questions({ flow, tongue }: Room, row: Row): HTMLElement | null {
  const held = flow.vote.answers(row.contest);
  if (held.length === 0) return null;
  const items = held.map(({ question, answer, late }) =>
    h(
      "div",
      {},
      h("dt", {}, question),
      h(
        "dd",
        {},
        ...answer.map((part) => h("p", {}, part)),
        late && h("p", { class: "late" }, tongue.say("late")),
      ),
    ),
  );
  const words = tongue.say("questions", { n: held.length });
  return h(
    "details",
    { class: "questions" },
    h("summary", {}, words, h("span", { class: "unseen" }, `: ${row.name}`)),
    h("dl", {}, ...items),
  );
}

export function review(room: Room): Screen {
  const { flow, tongue } = room;
  const missing = flow.marks.filter((mark) => mark === 0).length;
  const said =
    missing === 0
      ? tongue.say("reviewAll", { n: flow.marks.length })
      : tongue.say("reviewSome", { n: missing });
  return {
    title: tongue.say("reviewTitle"),
    body: [
      h("p", { class: missing === 0 ? "" : "notice" }, said),
      marksList(room, flow.marks, (row) => flow.toMarks(row)),
      paragraph(tongue.say("sealHint")),
      flow.keepsNothing && h("p", { class: "notice" }, tongue.say("keepsNothing")),
      acting(tongue.say("toSeal"), () => flow.seal()),
      button(tongue.say("toMarks"), () => flow.toMarks(), "plain"),
      flow.revoting && button(tongue.say("keepEarlier"), () => flow.keepEarlier(), "plain"),
    ],
    step: 3,
  };
}
