// Once the board is sealed the page looks its own ballot up (docs/protocol.md 15.5), and keeps what came of
// it.

import { Rejected } from "../../core/errors.ts";
import type { Octets } from "../../core/octets.ts";
import type { Looked } from "./views.ts";
import type { Vote } from "./vote.ts";

export class OwnLookUp {
  readonly #vote: Vote;
  #looked: Looked = { at: "unknown" };

  constructor(vote: Vote) {
    this.#vote = vote;
  }

  get looked(): Looked {
    return this.#looked;
  }

  /** Another ballot, of which nothing is known. */
  begin(): void {
    this.#looked = { at: "unknown" };
  }

  /** Ask how the polls stand and, where the board is sealed, for the ballot; whether there is news. */
  async ask(tracker: Octets): Promise<boolean> {
    if (this.#looked.at === "asking") return false;
    try {
      const news = await this.#vote.askPolls();
      if (this.#vote.clock.polls?.polls !== "sealed") return news;
      this.#looked = { at: "asking" };
      this.#looked = await this.#vote.find(tracker);
    } catch (error) {
      if (error instanceof Rejected) this.#looked = { at: "false", check: error.check };
      else if (this.#looked.at === "asking") this.#looked = { at: "offline" };
      else return false;
    }
    return true;
  }
}
