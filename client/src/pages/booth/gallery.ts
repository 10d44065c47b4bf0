// Photos and reports of the panel's leaders: all of them, for every voter the same, before a paper is asked
// for (docs/protocol.md 15.7). Which of them somebody reads, nobody learns.

import { Refused, Unreachable } from "../../dom/http.ts";
import type { Flow } from "./flow.ts";
import type { HttpWire } from "./wire.ts";

export class Gallery {
  readonly #wire: HttpWire;
  readonly photos = new Map<number, string>();
  readonly reports = new Map<number, string>();
  #loading = false;
  #stopped = false;

  constructor(wire: HttpWire) {
    this.#wire = wire;
  }

  /** One after the other; what does not come is left out. `drawn` is told when more is there. */
  async load(flow: Flow, drawn: () => void): Promise<void> {
    this.#stopped = false;
    if (this.#loading) return;
    this.#loading = true;
    const contests = flow.vote.contests(flow.panel);
    const { photos, reports } = flow.vote.exhibits;
    const before = this.photos.size + this.reports.size;
    try {
      for (const contest of contests.filter((each) => photos.includes(each)))
        await this.#one(this.photos, contest, () => this.#wire.photo(contest), "image/jpeg");
      for (const contest of contests.filter((each) => reports.includes(each)))
        await this.#one(this.reports, contest, () => this.#wire.report(contest), "application/pdf");
    } finally {
      this.#loading = false;
    }
    if (this.photos.size + this.reports.size > before) drawn();
  }

  /** From now until rows are shown again nothing is loaded. */
  stop(): void {
    this.#stopped = true;
  }

  async #one(
    into: Map<number, string>,
    contest: number,
    load: () => Promise<Uint8Array>,
    type: string,
  ): Promise<void> {
    if (this.#stopped || into.has(contest)) return;
    try {
      into.set(contest, URL.createObjectURL(new Blob([(await load()) as BlobPart], { type })));
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
    }
  }
}
