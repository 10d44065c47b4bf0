// The committee's wire (docs/protocol.md §16).

import type { Octets } from "../../core/octets.ts";
import { ask, Refused, readJson, Unreachable } from "../../dom/http.ts";

export { Refused, Unreachable };

export interface Complaint {
  readonly by: number;
  readonly dealer: number;
  readonly check: string;
  readonly where: string;
}

export type Stage =
  | "commit"
  | "deal"
  | "confirm"
  | "confirmed"
  | "open"
  | "closed"
  | "cosign"
  | "count"
  | "solving"
  | "papers"
  | "certified"
  | "published";

/** 16.1. */
export interface State {
  readonly trustee: number;
  readonly names: readonly string[];
  readonly threshold: number;
  readonly stage: Stage;
  readonly attempt: number;
  readonly commits: readonly number[];
  readonly deals: readonly number[];
  readonly confirms: readonly number[];
  readonly cosigned: readonly number[];
  readonly shares: readonly number[];
  readonly certified: readonly number[];
  readonly complaints: readonly Complaint[];
  readonly definition: string;
  readonly manifest: string | null;
  readonly ballots: number | null;
  readonly sums: number | null;
  readonly busy: number | null;
  readonly failed: string | null;
}

export type Document =
  | "definition"
  | "manifest"
  | "ceremony"
  | "checkpoint"
  | "plan"
  | "roll"
  | "issuance"
  | "agreement"
  | "tally"
  | "results"
  | "attendance"
  | "minutes"
  | "text"
  | "pdf";

export type Message = "commit" | "deal" | "confirm" | "complaint" | "cosign" | "share" | "certificate";

export interface Wire {
  state(): Promise<State>;
  document(name: Document): Promise<Octets>;
  board(onBytes: (done: number, all: number) => void): Promise<Octets>;
  send(kind: Message, message: Octets): Promise<State>;
}

export class HttpWire implements Wire {
  readonly #base: string;
  readonly #token: string;

  /** `base` is /k/<survey>, `token` that of the personal link. */
  constructor(base: string, token: string) {
    this.#base = base;
    this.#token = token;
  }

  async state(): Promise<State> {
    return readJson(await this.document("state")) as State;
  }

  document(name: Document | "state"): Promise<Octets> {
    return ask(`${this.#base}/${name}`, { token: this.#token });
  }

  board(onBytes: (done: number, all: number) => void): Promise<Octets> {
    return ask(`${this.#base}/board`, { token: this.#token, onBytes });
  }

  async send(kind: string, message: Octets): Promise<State> {
    return readJson(
      await ask(`${this.#base}/${kind}`, { token: this.#token, body: message, type: "application/json" }),
    ) as State;
  }
}
