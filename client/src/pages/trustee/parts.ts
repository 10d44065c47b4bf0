// What the screens of the committee page are made of.

import { type Child, h } from "../../dom/h.ts";
import type { Tongue } from "../../dom/languages.ts";
import type { Flow } from "./flow.ts";
import type { Problem } from "./view.ts";

export interface Room {
  readonly flow: Flow;
  readonly tongue: Tongue;
  readonly results: string;
  /** Where the decoder for the camera lies; null where there is no camera for us. */
  readonly decoder: string | null;
}

export interface Screen {
  readonly title: string;
  /** Two things stand beside each other. */
  readonly broad?: boolean;
  /** What gets the focus instead of the heading. */
  readonly focus?: HTMLElement | undefined;
  /** To be called when the screen goes. */
  readonly leave?: () => void;
  readonly body: readonly Child[];
}

export function button(text: string, act: () => unknown, kind = ""): HTMLButtonElement {
  const acts = kind === "big"; // never under the finger that pressed the button of the screen before
  return h("button", { type: "button", class: kind, "data-acts": acts, onclick: () => void act() }, text);
}

export function sentence(tongue: Tongue, wrong: Problem): string {
  if (tongue.knows(wrong.name)) return tongue.say(wrong.name, { detail: wrong.detail ?? "" });
  if (wrong.vi !== undefined && wrong.en !== undefined) return tongue.both({ vi: wrong.vi, en: wrong.en });
  return tongue.say("Offline");
}
