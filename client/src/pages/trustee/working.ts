// A long step: its bar, and how much time is left. page.ts moves the bar without making the screen anew.

import { h } from "../../dom/h.ts";
import type { Tongue } from "../../dom/languages.ts";
import type { Room, Screen } from "./parts.ts";

/** The steps that go on where they were after a reload. */
const RESUMED = new Set(["requests", "check"]);

export function working({ tongue }: Room, what: string, done: number, all: number): Screen {
  const bar = h("progress", { id: "bar", "aria-label": tongue.say(`working_${what}`) });
  const said = h("p", { id: "bar-said", role: "status" });
  moveBar(tongue, bar, said, done, all);
  return {
    title: tongue.say(`working_${what}`),
    body: [bar, said, RESUMED.has(what) && h("p", { class: "quiet" }, tongue.say("resumes"))],
  };
}

/** How fast the last seconds were; what was done before a reload goes by in a moment. */
export class Pace {
  readonly #window: number;
  #marks: { readonly at: number; readonly done: number }[] = [];
  #slept = 0;
  #last = 0;

  constructor(window = 15_000) {
    this.#window = window;
  }

  /** Seconds left, or null where it is too early to say. Time in which nothing was said for long is sleep. */
  left(now: number, done: number, all: number): number | null {
    if (now - this.#last > 10_000 && this.#marks.length > 0) this.#slept += now - this.#last;
    this.#last = now;
    const at = now - this.#slept;
    this.#marks.push({ at, done });
    while (this.#marks.length > 2 && at - (this.#marks[1]?.at ?? 0) > this.#window) this.#marks.shift();
    const first = this.#marks[0] as { at: number; done: number };
    const [spent, more] = [(at - first.at) / 1000, done - first.done];
    return spent < 2 || more <= 0 ? null : Math.ceil((spent / more) * (all - done));
  }
}

let step = { what: "", pace: new Pace() };

export function moveBar(
  tongue: Tongue,
  bar: HTMLProgressElement,
  said: HTMLElement,
  done: number,
  all: number,
): void {
  const what = bar.getAttribute("aria-label") ?? "";
  if (step.what !== what || done === 0) step = { what, pace: new Pace() };
  if (all === 0) return;
  bar.max = all;
  bar.value = done;
  const left = step.pace.left(performance.now(), done, all);
  const time =
    left === null ? "" : tongue.say("timeLeft", { minutes: Math.floor(left / 60), seconds: left % 60 });
  said.textContent = `${tongue.say("progress", { done: Math.floor((100 * done) / all) })}${time}`;
}
