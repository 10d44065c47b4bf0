// The voter's wire (docs/protocol.md §15): bytes out, bytes in. No cookie, no referrer, nothing kept by the browser.

import { ask, readJson, Refused, Unreachable } from "../../dom/http.ts";
import { fromText, join, type Octets, toHex } from "../../core/octets.ts";
import { u32 } from "../../core/transcript.ts";
import type { IssueRequest } from "../../core/issuance.ts";
import type { Manifest } from "../../core/manifest.ts";
import { decodeExhibits, type Exhibits } from "./exhibits.ts";

export { Refused, Unreachable };

/** The share of the roll whose ballots are in, coarse; null where too few may vote. */
export interface Turnout {
  readonly open: boolean;
  readonly percent: number | null;
}

/** Where a ballot lies. On the board: everything that proves it. */
export type Whereabouts =
  | { readonly where: "box" | "nowhere" }
  | { readonly where: "board"; readonly ballot: string; readonly index: number; readonly proof: readonly string[]; readonly checkpoint: string };

export interface Wire {
  manifest(): Promise<Octets>;
  exhibits(manifest: Manifest): Promise<Exhibits>;
  panel(slip: Octets, signature: Octets): Promise<number>;
  issue(request: IssueRequest): Promise<Octets>;
  cast(ballot: Octets): Promise<{ digest: Octets; signature: Octets }>;
  find(tracker: Octets): Promise<Whereabouts>;
}

export class HttpWire implements Wire {
  readonly #base: string;

  /** `base` is /b/<survey>. */
  constructor(base: string) {
    this.#base = base;
  }

  manifest(): Promise<Octets> {
    return this.#ask("manifest");
  }

  async exhibits(manifest: Manifest): Promise<Exhibits> {
    return decodeExhibits(await this.#ask("exhibits"), manifest);
  }

  async panel(slip: Octets, signature: Octets): Promise<number> {
    const answer = await this.#ask("panel", join(slip, signature));
    need(answer.length === 4);
    return new DataView(answer.buffer, answer.byteOffset, 4).getUint32(0);
  }

  async issue(request: IssueRequest): Promise<Octets> {
    return this.#ask("issue", join(u32(request.panel), request.slip, request.blinded, request.signature));
  }

  async cast(ballot: Octets): Promise<{ digest: Octets; signature: Octets }> {
    const answer = await this.#ask("cast", ballot);
    need(answer.length === 96);
    return { digest: answer.slice(0, 32), signature: answer.slice(32) };
  }

  async find(tracker: Octets): Promise<Whereabouts> {
    return readJson(await this.#ask(`tracker/${toHex(tracker)}`)) as Whereabouts;
  }

  photo(contest: number): Promise<Octets> {
    return this.#ask(`photo/${contest}`);
  }

  async turnout(): Promise<Turnout> {
    return readJson(await this.#ask("turnout")) as Turnout;
  }

  #ask(way: string, body?: Octets): Promise<Octets> {
    return ask(`${this.#base}/${way}`, body === undefined ? {} : { body });
  }
}

function need(good: boolean): void {
  if (!good) throw new Unreachable("an answer of the wrong length");
}

/** A file for the voter to keep. */
export function fileOf(value: unknown): Octets {
  return fromText(`${JSON.stringify(value, null, 1)}\n`);
}
