// The time of the server: a phone's clock may be wrong by hours or years (docs/protocol.md 15.6).

import type { Polls } from "./wire.ts";

/** What the polls were when they were last asked, and how long ago that is. */
export class ServersClock {
  readonly #elapsed: () => number;
  #polls: Polls | null = null;
  #asked = 0;

  /** `elapsed` only ever grows, whatever the device's clock says. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  set(polls: Polls): void {
    this.#polls = polls;
    this.#asked = this.#elapsed();
  }

  /** Milliseconds since the polls were asked. */
  get age(): number {
    return this.#polls === null ? Number.POSITIVE_INFINITY : this.#elapsed() - this.#asked;
  }

  get polls(): Polls | null {
    return this.#polls;
  }

  /** Milliseconds since 1970 by the server; null before it was asked. */
  get now(): number | null {
    return this.#polls === null ? null : Date.parse(this.#polls.now) + this.#elapsed() - this.#asked;
  }

  /** Milliseconds until polls close; null where they are not open as far as is known. */
  left(closes: string): number | null {
    return this.now === null || this.#polls?.polls !== "open" ? null : Date.parse(closes) - this.now;
  }
}
