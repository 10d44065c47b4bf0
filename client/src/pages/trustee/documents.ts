// What the server has for a member: the parts of the bundle before the opening, and the papers after it
// (docs/protocol.md 16).

import type { Octets } from "../../core/octets.ts";
import type { Members } from "../../worker/committee.ts";
import { type Document, Refused, type Wire } from "./wire.ts";

const BOARD = ["manifest", "ceremony", "roll", "issuance", "checkpoint", "plan"] as const;
const PAPERS = ["agreement", "tally", "attendance", "results", "minutes", "text"] as const;

function fileOf(name: string): string {
  if (name === "checkpoint") return "checkpoint.txt";
  return name === "text" ? "minutes.txt" : `${name}.json`;
}

export class Documents {
  readonly #wire: Wire;
  #board: Members | null = null;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** These documents, together. */
  async of<N extends readonly Document[]>(...names: N): Promise<{ [K in keyof N]: Octets }> {
    return (await Promise.all(names.map((name) => this.#wire.document(name)))) as {
      [K in keyof N]: Octets;
    };
  }

  /** The members of the bundle that are there before the opening; once, as long as the page lives. */
  async board(onBytes: (done: number, all: number) => void): Promise<Members> {
    if (this.#board === null) {
      const documents = await this.of(...BOARD);
      const board = await this.#wire.board(onBytes);
      this.#board = { ...named(BOARD, documents), "board.bin": board };
    }
    return this.#board;
  }

  /** Those and the papers. */
  async papers(onBytes: (done: number, all: number) => void): Promise<Members> {
    const board = await this.board(onBytes);
    return { ...board, ...named(PAPERS, await this.of(...PAPERS)) };
  }

  /** The typeset minutes; null where none were made. */
  async typeset(): Promise<Octets | null> {
    try {
      return (await this.of("pdf"))[0];
    } catch (error) {
      if (error instanceof Refused && error.code === "CountNotReady") return null;
      throw error;
    }
  }
}

function named(names: readonly string[], documents: readonly Octets[]): Members {
  return Object.fromEntries(names.map((name, i) => [fileOf(name), documents[i] as Octets]));
}
