// What a member's browser remembers of one vote beyond a reload (docs/protocol.md 11.3): what was cosigned,
// when each board was first seen, and seals of what has been checked. No secret is in it.

import type { Agreed, Checked } from "../../worker/committee.ts";
import type { Memory } from "./view.ts";

const AGREED = "tn-agreed";
/** Writing anew at each slice would be slower than the slices; a crash costs this much of checking again. */
const EVERY = 2000;

interface Remembered {
  readonly agreed: Agreed;
  readonly seen: Readonly<Record<string, string>>;
}

export class BrowserMemory implements Memory {
  readonly keeps: boolean;
  readonly #drawer: Pick<Storage, "getItem" | "setItem">;
  readonly #place: string;
  #checked: Checked | null = null;
  #waiting = false;

  /** `drawer` is null where the browser keeps nothing: then all of it ends with the page. */
  constructor(drawer: Storage | null, base: string) {
    this.keeps = drawer !== null;
    const held = new Map<string, string>();
    this.#drawer = drawer ?? {
      getItem: (name) => held.get(name) ?? null,
      setItem: (name, text) => void held.set(name, text),
    };
    this.#place = `tn-checked ${base}`;
  }

  agreed(): Agreed {
    return this.#read().agreed;
  }

  keepAgreed(agreed: Agreed): void {
    this.#write({ ...this.#read(), agreed });
  }

  firstSeen(agreed: string, now: string): string {
    const held = this.#read();
    const seen = held.seen[agreed] ?? now;
    this.#write({ ...held, seen: { ...held.seen, [agreed]: seen } });
    return seen;
  }

  checked(): Checked | null {
    if (this.#checked === null) {
      const [board, ...seals] = (this.#drawer.getItem(this.#place) ?? "").split(" ");
      if (board !== undefined && board !== "") this.#checked = { board, seals };
    }
    return this.#checked;
  }

  keepChecked(board: string, seal: string): void {
    const before = this.checked();
    this.#checked = { board, seals: before?.board === board ? [...before.seals, seal] : [seal] };
    if (this.#waiting) return;
    this.#waiting = true;
    setTimeout(() => this.write(), EVERY);
  }

  /** Put away what waits. To be called when the page may be about to end. */
  write(): void {
    if (!this.#waiting || this.#checked === null) return;
    this.#waiting = false;
    try {
      this.#drawer.setItem(this.#place, [this.#checked.board, ...this.#checked.seals].join(" "));
    } catch {
      // No room: after a reload these slices are checked again.
    }
  }

  #read(): Remembered {
    return JSON.parse(this.#drawer.getItem(AGREED) ?? '{"agreed":[],"seen":{}}') as Remembered;
  }

  #write(held: Remembered): void {
    this.#drawer.setItem(AGREED, JSON.stringify(held));
  }
}
