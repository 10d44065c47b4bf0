// The voter's wire (docs/protocol.md §15): bytes out, bytes in. No cookie, no referrer, nothing kept by the
// browser.

import type { IssueRequest } from "../../core/issuance.ts";
import type { Manifest } from "../../core/manifest.ts";
import { join, type Octets } from "../../core/octets.ts";
import { u32 } from "../../core/transcript.ts";
import { ask, Refused, readJson, Unreachable } from "../../dom/http.ts";
import { decodeExhibits, type Exhibits } from "./exhibits.ts";
import type { Bucket } from "./look.ts";

export { Refused, Unreachable };

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const SPACE = 0x20;
const STATES = ["waiting", "open", "shut", "sealed"] as const;

/** How the polls stand (15.6): `percent` is coarse, null where too few may vote. */
export interface Polls {
  readonly now: string;
  readonly percent: number | null;
  readonly polls: (typeof STATES)[number];
}

/** Whether a slip will get a paper (15.2), by number. */
export const PAPERS = ["given", "notYet", "noLonger", "asManyAsPresent", "taken"] as const;
export type Papers = (typeof PAPERS)[number];

export interface Wire {
  head(): Promise<Octets>;
  exhibits(manifest: Manifest): Promise<Exhibits>;
  polls(): Promise<Polls>;
  panel(slip: Octets, signature: Octets): Promise<{ panel: number; papers: Papers }>;
  form(slip: Octets, signature: Octets): Promise<Octets>;
  issue(request: IssueRequest): Promise<Octets>;
  cast(ballot: Octets): Promise<{ digest: Octets; signature: Octets }>;
  bucket(prefix: string): Promise<Bucket>;
}

export class HttpWire implements Wire {
  readonly #base: string;

  /** `base` is /b/<survey>. */
  constructor(base: string) {
    this.#base = base;
  }

  head(): Promise<Octets> {
    return this.#ask("head");
  }

  /** The form of a slip's panel, without the spaces that give all of them one length (15.8). */
  async form(slip: Octets, signature: Octets): Promise<Octets> {
    const padded = await this.#ask("form", join(slip, signature));
    let end = padded.length;
    while (end > 0 && padded[end - 1] === SPACE) end--;
    return padded.subarray(0, end);
  }

  /** The form of any panel: never for a booth, whose voter its address would tell of. */
  formOf(panel: number): Promise<Octets> {
    return this.#ask(`form/${panel}`);
  }

  async exhibits(manifest: Manifest): Promise<Exhibits> {
    return decodeExhibits(await this.#ask("exhibits"), manifest);
  }

  async polls(): Promise<Polls> {
    const said = readJson(await this.#ask("polls")) as Polls;
    need(INSTANT.test(said.now) && STATES.includes(said.polls));
    need(said.percent === null || Number.isSafeInteger(said.percent));
    return said;
  }

  async panel(slip: Octets, signature: Octets): Promise<{ panel: number; papers: Papers }> {
    const answer = await this.#ask("panel", join(slip, signature));
    const papers = PAPERS[answer[4] ?? PAPERS.length];
    if (answer.length !== 5 || papers === undefined) throw new Unreachable("an answer of the wrong form");
    return { panel: new DataView(answer.buffer, answer.byteOffset, 4).getUint32(0), papers };
  }

  async issue(request: IssueRequest): Promise<Octets> {
    return this.#ask("issue", join(u32(request.panel), request.slip, request.blinded, request.signature));
  }

  async cast(ballot: Octets): Promise<{ digest: Octets; signature: Octets }> {
    const answer = await this.#ask("cast", ballot);
    need(answer.length === 96);
    return { digest: answer.slice(0, 32), signature: answer.slice(32) };
  }

  async bucket(prefix: string): Promise<Bucket> {
    return readJson(await this.#ask(`trackers/${prefix}`)) as Bucket;
  }

  photo(contest: number): Promise<Octets> {
    return this.#ask(`photo/${contest}`);
  }

  report(contest: number): Promise<Octets> {
    return this.#ask(`report/${contest}`);
  }

  #ask(way: string, body?: Octets): Promise<Octets> {
    return ask(`${this.#base}/${way}`, body === undefined ? {} : { body });
  }
}

function need(good: boolean): void {
  if (!good) throw new Unreachable("an answer of the wrong form");
}
