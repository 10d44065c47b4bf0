// A committee member's way through ceremony and count (docs/protocol.md §5, §12, §16), as a state machine without a page.
//
// The server's state decides what is next; the member's sheet does it. Danger: the seed is in memory only, from the moment the
// sheet is entered until the page is left; and a manifest is confirmed, sums are opened and papers are certified only after the
// member has seen what they are.

import { encode } from "../../core/canonical.ts";
import { readSheet, writeSheet } from "../../core/codes.ts";
import { Rejected } from "../../core/errors.ts";
import { decodeManifest, type Manifest } from "../../core/manifest.ts";
import { type Octets, same } from "../../core/octets.ts";
import type { Answer, Job, Summary } from "../../worker/committee.ts";
import { type Papers, Refused, type State, Unreachable, type Wire } from "./wire.ts";

export interface Problem {
  readonly name: string;
  readonly vi?: string;
  readonly en?: string;
  readonly detail?: string;
}

export type Purpose = "new" | "go-on" | "test";

export type View =
  | { readonly at: "loading" }
  | { readonly at: "home"; readonly note: string | null }
  | { readonly at: "make"; readonly groups: readonly string[] }
  | { readonly at: "enter"; readonly purpose: Purpose; readonly problem: Problem | null }
  | { readonly at: "working"; readonly what: string; readonly done: number; readonly all: number }
  | { readonly at: "confirm"; readonly manifest: Manifest }
  | { readonly at: "open"; readonly summary: Summary }
  | { readonly at: "papers"; readonly papers: Papers }
  | { readonly at: "stopped"; readonly problem: Problem; readonly retry: boolean };

export interface Ports {
  readonly wire: Wire;
  readonly random: (length: number) => Octets;
  /** One job for the worker; `onProgress` hears of steps. */
  readonly work: (job: Job, onProgress: (answer: Answer & { kind: "progress" }) => void) => Promise<Answer>;
  /** Which plan was opened of which manifest, kept by the browser beyond a reload. */
  readonly opened: { load(): (readonly [string, string])[]; save(opened: readonly (readonly [string, string])[]): void };
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** A check of this client failed. */
class Failed extends Error {
  readonly answer: Answer & { kind: "refused" };

  constructor(answer: Answer & { kind: "refused" }) {
    super(answer.why);
    this.answer = answer;
  }
}

const EVERY = 2500;
const SECONDS_OF_PROOFS = 15;

export class Flow {
  readonly #ports: Ports;
  #view: View = { at: "loading" };
  #state: State | null = null;
  #seed: Octets | null = null;
  #made: Octets | null = null;
  #busy = false;
  #ended = false;
  onChange: () => void = () => undefined;
  /** The table of who has done what has changed. */
  onState: () => void = () => undefined;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  get view(): View {
    return this.#view;
  }

  get state(): State {
    if (this.#state === null) throw new Error("the state is not loaded");
    return this.#state;
  }

  get loaded(): boolean {
    return this.#state !== null;
  }

  get hasSheet(): boolean {
    return this.#seed !== null;
  }

  /** Load, go on, and keep looking until the page is left. */
  async run(): Promise<void> {
    while (!this.#ended) {
      await this.#look();
      await this.#ports.wait(EVERY);
    }
  }

  leave(): void {
    this.#ended = true;
    this.#seed = null;
    this.#made = null;
  }

  async #look(): Promise<void> {
    if (this.#busy) return;
    try {
      this.#take(await this.#ports.wire.state());
    } catch (error) {
      // A lost connection is shown only when there is nothing else to see.
      if (this.#state === null) return this.#stop(problem(error), true);
      if (error instanceof Refused) return this.#stop(problem(error), true);
      return;
    }
    const { at } = this.#view;
    if (at === "loading" || at === "home") await this.#next();
  }

  #take(state: State): void {
    const changed = JSON.stringify(state) !== JSON.stringify(this.#state);
    this.#state = state;
    if (changed) this.onState();
  }

  /** What this member has to do now; nothing where it waits for others. */
  get task(): "commit" | "deal" | "confirm" | "count" | "certify" | null {
    const { stage, trustee, commits, deals, confirms, shares } = this.state;
    if (stage === "commit" && !commits.includes(trustee)) return "commit";
    if (stage === "deal" && !deals.includes(trustee)) return "deal";
    if (stage === "confirm" && !confirms.includes(trustee)) return "confirm";
    if (stage === "count" && !shares.includes(trustee)) return "count";
    if (stage === "papers") return "certify";
    return null;
  }

  /** Go on by itself as far as nothing is asked of the member. */
  async #next(): Promise<void> {
    const { task } = this;
    if (task === null || this.state.complaints.length > 0) return this.#show({ at: "home", note: null });
    if (this.#seed === null) return this.#show({ at: "home", note: task });
    if (task === "commit" || task === "deal") return this.#during(() => this.#message(task));
    if (task === "confirm") return this.#during(() => this.#seeManifest());
    this.#show({ at: "home", note: task });
  }

  /** Make a sheet: shown to be printed or saved, then entered again. */
  make(): void {
    this.#made = this.#ports.random(32);
    this.#show({ at: "make", groups: writeSheet(this.#made) });
  }

  /** Ask for the sheet. */
  enter(purpose: Purpose): void {
    this.#show({ at: "enter", purpose, problem: null });
  }

  home(): void {
    this.#made = null;
    this.#show({ at: "home", note: this.loaded ? this.task : null });
  }

  /** The sheet as it was typed. A new one must be the one that was just made; one to go on with must be the ceremony's. */
  async entered(text: string, purpose: Purpose): Promise<void> {
    let seed: Octets;
    try {
      seed = readSheet(text);
    } catch (error) {
      const group = error instanceof Rejected ? /group\[(\d+)\]/.exec(error.where)?.[1] : undefined;
      const name = group === undefined ? "SheetShort" : "SheetGroup";
      return this.#show({ at: "enter", purpose, problem: { name, detail: group ?? "" } });
    }
    if (purpose === "new" && this.#made !== null && !same(seed, this.#made)) {
      return this.#show({ at: "enter", purpose, problem: { name: "SheetOther" } });
    }
    await this.#during(async () => {
      const known = this.state.commits.includes(this.state.trustee);
      if (known && !(await this.#owns(seed))) return this.#show({ at: "enter", purpose, problem: { name: "SheetForeign" } });
      if (purpose === "test") return this.#show({ at: "home", note: known ? "tested" : "testedEarly" });
      this.#seed = seed;
      this.#made = null;
      this.#show({ at: "home", note: this.task });
    });
    if (this.#seed !== null && this.#view.at === "home" && purpose !== "test") await this.#next();
  }

  async #owns(seed: Octets): Promise<boolean> {
    const [definition, ceremony] = await this.#documents("definition", "ceremony");
    const said = await this.#work({ do: "owns", seed, trustee: this.state.trustee, definition, ceremony }, "checking");
    return said.kind === "owns" && said.owns;
  }

  async #message(task: "commit" | "deal"): Promise<void> {
    const [definition, ceremony] = await this.#documents("definition", "ceremony");
    const said = await this.#work({ do: task, seed: this.#held(), trustee: this.state.trustee, definition, ceremony }, task);
    await this.#send(task, said);
  }

  async #seeManifest(): Promise<void> {
    const [manifest] = await this.#documents("manifest");
    this.#show({ at: "confirm", manifest: decodeManifest(manifest) });
  }

  /** The member has seen the manifest: check the ceremony, answer the rehearsal, sign. */
  async confirm(): Promise<void> {
    await this.#during(async () => {
      const [manifest, ceremony] = await this.#documents("manifest", "ceremony");
      try {
        const said = await this.#work({ do: "confirm", seed: this.#held(), trustee: this.state.trustee, manifest, ceremony }, "confirm");
        await this.#send("confirm", said);
      } catch (error) {
        if (error instanceof Failed && error.answer.dealer !== null) await this.#complain(error.answer, error.answer.dealer);
        throw error;
      }
    });
  }

  async #complain(wrong: Answer & { kind: "refused" }, dealer: number): Promise<void> {
    this.#take(await this.#ports.wire.send("complaint", encode({ dealer, check: wrong.check, where: wrong.where })));
  }

  /** Download the board, check everything, and say what would be opened. */
  async examine(): Promise<void> {
    await this.#during(async () => {
      const [manifest, ceremony, checkpoint, plan] = await this.#documents("manifest", "ceremony", "checkpoint", "plan");
      const board = await this.#ports.wire.board((done, all) => this.#working("download", done, all));
      const opened = this.#ports.opened.load();
      const job = { do: "examine", seed: this.#held(), trustee: this.state.trustee, manifest, ceremony, board, checkpoint, plan, opened } as const;
      const said = await this.#work({ ...job, seconds: SECONDS_OF_PROOFS }, "read");
      if (said.kind === "examined") this.#show({ at: "open", summary: said.summary });
    });
  }

  /** Open the sums that were shown, and send the share. */
  async open(): Promise<void> {
    await this.#during(async () => {
      const said = await this.#work({ do: "open" }, "open");
      if (said.kind !== "opened") return;
      this.#ports.opened.save(said.opened);
      this.#take(await this.#ports.wire.send("share", said.message));
      this.home();
    });
  }

  /** Show the papers. */
  async seePapers(): Promise<void> {
    await this.#during(async () => this.#show({ at: "papers", papers: await this.#ports.wire.papers() }));
  }

  /** Sign the papers that were shown. */
  async certify(papers: Papers): Promise<void> {
    await this.#during(async () => {
      const [manifest, ceremony] = await this.#documents("manifest", "ceremony");
      const opened = this.#ports.opened.load();
      const job = { do: "certify", seed: this.#held(), trustee: this.state.trustee, manifest, ceremony, opened } as const;
      const said = await this.#work({ ...job, papers: papers.certified }, "certify");
      await this.#send("certificate", said);
    });
  }

  retry(): void {
    this.#show({ at: this.loaded ? "home" : "loading", note: this.loaded ? this.task : null } as View);
    void this.#look();
  }

  async #send(kind: "commit" | "deal" | "confirm" | "certificate", said: Answer): Promise<void> {
    if (said.kind !== "message") return;
    this.#take(await this.#ports.wire.send(kind, said.message));
    this.home();
  }

  async #documents<N extends readonly ("definition" | "manifest" | "ceremony" | "checkpoint" | "plan")[]>(
    ...names: N
  ): Promise<{ [K in keyof N]: Octets }> {
    return (await Promise.all(names.map((name) => this.#ports.wire.document(name)))) as { [K in keyof N]: Octets };
  }

  async #work(job: Job, what: string): Promise<Answer> {
    this.#working(what, 0, 0);
    const said = await this.#ports.work(job, (step) => this.#working(step.step, step.done, step.all));
    if (said.kind === "refused") throw new Failed(said);
    return said;
  }

  #working(what: string, done: number, all: number): void {
    this.#show({ at: "working", what, done, all });
  }

  /** One thing at a time; what goes wrong is shown, and nothing is half-done: every step can be taken again. */
  async #during(act: () => Promise<unknown> | unknown): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await act();
    } catch (error) {
      this.#stop(problem(error), true);
    } finally {
      this.#busy = false;
    }
  }

  #held(): Octets {
    if (this.#seed === null) throw new Error("there is no sheet");
    return this.#seed;
  }

  #stop(wrong: Problem, retry: boolean): void {
    this.#show({ at: "stopped", problem: wrong, retry });
  }

  #show(view: View): void {
    this.#view = view;
    this.onChange();
  }
}

function problem(error: unknown): Problem {
  if (error instanceof Refused) return { name: error.code, vi: error.vi, en: error.en };
  if (error instanceof Unreachable) return { name: "Offline" };
  if (error instanceof Rejected) return { name: "WrongDocument", detail: `${error.check}, ${error.where}` };
  if (error instanceof Failed) {
    const { answer } = error;
    if (answer.dealer !== null) return { name: "BadDealer", detail: String(answer.dealer) };
    return { name: "CheckFailed", detail: [answer.check, answer.where, answer.why].filter((part) => part !== "").join(", ") };
  }
  throw error;
}
