// Looking a tracker up, on the booth's page.

import { readCode } from "../../core/codes.ts";
import { Rejected } from "../../core/errors.ts";
import { h } from "../../dom/h.ts";
import type { Tongue } from "../../dom/languages.ts";
import { type Screen, sentence } from "./elements.ts";
import type { Flow } from "./flow.ts";
import { problem } from "./problems.ts";

/** `state` keeps what was typed when the screen is drawn anew. */
export function lookScreen(flow: Flow, tongue: Tongue, state: { typed: string }, close: () => void): Screen {
  const input = h("input", {
    id: "tracker",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 40,
    class: "code",
    value: state.typed,
    "aria-describedby": "tracker-hint",
    oninput: () => (state.typed = input.value),
  });
  const answer = h("p", { role: "status", id: "answer" });
  const submit = (event: Event): void => {
    event.preventDefault();
    answer.textContent = tongue.say("wait");
    void said(flow, tongue, input.value).then((text) => (answer.textContent = text));
  };
  const form = h(
    "form",
    { class: "field", autocomplete: "off", onsubmit: submit },
    h("label", { for: "tracker" }, tongue.say("tracker")),
    h("span", { class: "hint", id: "tracker-hint" }, tongue.say("lookHint")),
    input,
    h("button", { type: "submit" }, tongue.say("lookGo")),
  );
  const back = h("button", { type: "button", class: "plain", onclick: close }, tongue.say("lookBack"));
  return { title: tongue.say("lookTitle"), body: [form, answer, back] };
}

async function said(flow: Flow, tongue: Tongue, typed: string): Promise<string> {
  let tracker: Uint8Array;
  try {
    tracker = readCode(typed, "tracker");
  } catch (error) {
    const typo = error instanceof Rejected && error.why.startsWith("the check");
    return tongue.say(typo ? "TrackerTypo" : "TrackerWrong");
  }
  try {
    const found = await flow.vote.find(tracker);
    switch (found.at) {
      case "board":
        return tongue.say("lookBoard", { i: found.place, n: found.size });
      case "missing":
        return tongue.say("lookMissing", { n: found.size });
      case "box":
        return tongue.say("lookBox");
      case "nowhere":
        return tongue.say("lookNowhere");
    }
  } catch (error) {
    if (error instanceof Rejected) return tongue.say("lookFalse", { check: error.check });
    return sentence(tongue, problem(error));
  }
}
