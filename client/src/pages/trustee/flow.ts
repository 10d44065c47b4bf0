// A committee member's way through ceremony and count (docs/protocol.md §5, §12, §16), as a state machine
// without a page.
//
// The server's state decides what is next; the member's sheet does it. Danger: the seed is in memory only,
// from the moment the sheet is entered until the page is left; and a manifest is confirmed, sums are opened
// and papers are certified only after the member has seen what they are.

import { encode } from "../../core/canonical.ts";
import { readSheet, writeSheet } from "../../core/codes.ts";
import { decodeDefinition, decodeManifest } from "../../core/manifest.ts";
import { type Octets, same } from "../../core/octets.ts";
import type { Answer, Job, Members, Step, Summary } from "../../worker/committee.ts";
import { Documents } from "./documents.ts";
import { Failed, faultIn, problem } from "./problems.ts";
import type { Ports, Problem, Purpose, View } from "./view.ts";
import { Refused, type State } from "./wire.ts";

/** What the long steps are called; the others are over at once. */
const STEPS: Readonly<Record<string, string>> = { "7.2": "requests", "8.2": "check", open: "open" };

const EVERY = 2500;

export class Flow {
  readonly #ports: Ports;
  readonly #documents: Documents;
  #view: View = { at: "loading" };
  #state: State | null = null;
  #seed: Octets | null = null;
  #made: Octets | null = null;
  #summary: Summary | null = null;
  #busy = false;
  #ended = false;
  onChange: () => void = () => undefined;
  /** The table of who has done what has changed. */
  onState: () => void = () => undefined;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#documents = new Documents(ports.wire);
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
  get task(): "commit" | "deal" | "confirm" | "cosign" | "open" | "certify" | null {
    const { stage, trustee, commits, deals, confirms, cosigned, shares, certified } = this.state;
    if (stage === "commit" && !commits.includes(trustee)) return "commit";
    if (stage === "deal" && !deals.includes(trustee)) return "deal";
    if (stage === "confirm" && !confirms.includes(trustee)) return "confirm";
    if ((stage === "cosign" || stage === "count") && !shares.includes(trustee)) {
      return cosigned.includes(trustee) ? "open" : "cosign";
    }
    if (stage === "papers" && !certified.includes(trustee)) return "certify";
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
  async make(): Promise<void> {
    await this.#during(async () => {
      const [definition] = await this.#documents.of("definition");
      const { titleVi: vi, titleEn: en } = decodeDefinition(definition).terms;
      this.#made ??= this.#ports.random(32);
      const day = this.#ports.now().slice(0, 10);
      this.#show({ at: "make", groups: writeSheet(this.#made), round: { vi, en }, day });
    });
  }

  /** Ask for the sheet: typed, or before the camera. */
  enter(purpose: Purpose, typed: string[] = []): void {
    this.#show({ at: "enter", purpose, problem: null, typed });
  }

  scan(purpose: Purpose, typed: string[]): void {
    this.#show({ at: "scan", purpose, typed });
  }

  /** What to do when the sheet is lost. */
  lost(): void {
    this.#show({ at: "lost" });
  }

  home(): void {
    this.#made = null;
    this.#show({ at: "home", note: this.loaded ? this.task : null });
  }

  /**
   * The sheet as it was typed, group by group. A new one must be the one that was just made; one to go on
   * with must be the ceremony's.
   */
  async entered(typed: string[], purpose: Purpose): Promise<void> {
    const again = (problem: Problem): void => this.#show({ at: "enter", purpose, problem, typed });
    let seed: Octets;
    try {
      seed = readSheet(typed.join(" "));
    } catch (error) {
      return again(faultIn(typed, error));
    }
    if (purpose === "new" && this.#made !== null && !same(seed, this.#made)) {
      return again({ name: "SheetOther" });
    }
    await this.#during(async () => {
      const known = this.state.commits.includes(this.state.trustee);
      if (known && !(await this.#owns(seed))) return again({ name: "SheetForeign" });
      if (purpose === "test") return this.#show({ at: "home", note: known ? "tested" : "testedEarly" });
      this.#seed = seed;
      this.#made = null;
      this.#show({ at: "home", note: this.task });
    });
    if (this.#seed !== null && this.#view.at === "home" && purpose !== "test") await this.#next();
  }

  async #owns(seed: Octets): Promise<boolean> {
    const [definition, ceremony] = await this.#documents.of("definition", "ceremony");
    const said = await this.#work(
      { do: "owns", seed, trustee: this.state.trustee, definition, ceremony },
      "checking",
    );
    return said.kind === "owns" && said.owns;
  }

  async #message(task: "commit" | "deal"): Promise<void> {
    const [definition, ceremony] = await this.#documents.of("definition", "ceremony");
    const said = await this.#work(
      { do: task, seed: this.#held(), trustee: this.state.trustee, definition, ceremony },
      task,
    );
    await this.#send(task, said);
  }

  async #seeManifest(): Promise<void> {
    const [manifest] = await this.#documents.of("manifest");
    this.#show({ at: "confirm", manifest: decodeManifest(manifest) });
  }

  /** The member has seen the manifest: check the ceremony, answer the rehearsal, sign. */
  async confirm(): Promise<void> {
    await this.#during(async () => {
      const [manifest, ceremony] = await this.#documents.of("manifest", "ceremony");
      try {
        const said = await this.#work(
          { do: "confirm", seed: this.#held(), trustee: this.state.trustee, manifest, ceremony },
          "confirm",
        );
        await this.#send("confirm", said);
      } catch (error) {
        if (error instanceof Failed && error.answer.dealer !== null)
          await this.#complain(error.answer, error.answer.dealer);
        throw error;
      }
    });
  }

  async #complain(wrong: Answer & { kind: "refused" }, dealer: number): Promise<void> {
    this.#take(
      await this.#ports.wire.send("complaint", encode({ dealer, check: wrong.check, where: wrong.where })),
    );
  }

  /** Download the board, make every check on every ballot, and show the words. */
  async examine(): Promise<void> {
    await this.#during(async () => {
      const summary = await this.#examined();
      this.#show({ at: "cosign", summary });
    });
  }

  async #examined(): Promise<Summary> {
    if (this.#summary !== null) return this.#summary;
    const members = await this.#documents.board((done, all) => this.#working("download", done, all));
    const said = await this.#work({ do: "examine", ...this.#check(members) }, "check");
    if (said.kind !== "examined") throw new Error("another answer");
    this.#ports.memory.firstSeen(said.summary.agreed, this.#ports.now());
    this.#summary = said.summary;
    return said.summary;
  }

  /** The words are the same: agree to this board and plan. */
  async cosign(): Promise<void> {
    if (!this.#ports.memory.keeps) return this.#stop({ name: "KeepsNothing" }, true);
    await this.#during(async () => {
      const at = this.#ports.now();
      const said = await this.#work(
        { do: "cosign", ...this.#key(), agreed: this.#ports.memory.agreed(), at },
        "sign",
      );
      if (said.kind !== "message") return;
      this.#ports.memory.keepAgreed(said.agreed);
      this.#take(await this.#ports.wire.send("cosign", said.message));
      this.home();
    });
  }

  /** See how far the opening is: who is missing, how long voters still look up; or open. */
  async open(absent: readonly number[] = []): Promise<void> {
    await this.#during(async () => {
      const summary = await this.#examined();
      this.#take(await this.#ports.wire.state());
      if (this.task !== "open") return this.home();
      const [agreement] = await this.#documents.of("agreement");
      const now = this.#ports.now();
      const since = this.#ports.memory.firstSeen(summary.agreed, now);
      const job = {
        do: "open",
        ...this.#key(),
        agreed: this.#ports.memory.agreed(),
        agreement,
        absent,
        now,
        since,
      } as const;
      const said = await this.#work(job, "open");
      if (said.kind === "tooFew") return this.#show({ at: "open", summary, missing: said.missing });
      if (said.kind === "lookUp") {
        return this.#show({ at: "lookUp", summary, until: Date.parse(now) + 1000 * said.seconds });
      }
      if (said.kind !== "message") return;
      this.#take(await this.#ports.wire.send("share", said.message));
      this.home();
    });
  }

  /** Fetch the papers, make them again on this device, and show what came of it. */
  async seePapers(): Promise<void> {
    await this.#during(async () => {
      const members = await this.#documents.papers((done, all) => this.#working("download", done, all));
      const pdf = await this.#documents.typeset();
      const said = await this.#work({ do: "papers", ...this.#check(members), pdf }, "check");
      if (said.kind === "papers") this.#show({ at: "papers", sheet: said.sheet, words: said.words, pdf });
    });
  }

  /** Sign the papers that were shown. */
  async certify(): Promise<void> {
    await this.#during(async () => {
      const said = await this.#work(
        { do: "certify", ...this.#key(), agreed: this.#ports.memory.agreed() },
        "certify",
      );
      await this.#send("certificate", said);
    });
  }

  /** The whole check, which goes on where it was before a reload. */
  #check(members: Members): Omit<Job & { do: "examine" }, "do"> {
    const { hands, memory, program } = this.#ports;
    return { ...this.#key(), members, hands: hands(), checked: memory.checked(), program };
  }

  #key(): { seed: Octets; trustee: number } {
    return { seed: this.#held(), trustee: this.state.trustee };
  }

  /** Something unforeseen: nothing is half-done, every step can be taken again. */
  fail(error: unknown): void {
    this.#stop(problem(error), true);
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

  async #work(job: Job, what: string): Promise<Answer> {
    this.#working(what, 0, 0);
    const hear = (step: Step): void => {
      if (step.kind === "checked") this.#ports.memory.keepChecked(step.board, step.seal);
      else this.#working(STEPS[step.check] ?? what, step.done, step.all);
    };
    const said = await this.#ports.work(job, hear).catch((error: unknown) => {
      this.#summary = null; // whoever checked is gone: it is checked again, from what is remembered
      throw error;
    });
    if (said.kind === "refused") throw new Failed(said);
    return said;
  }

  #working(what: string, done: number, all: number): void {
    this.#show({ at: "working", what, done, all });
  }

  /**
   * One thing at a time; what goes wrong is shown, and nothing is half-done: every step can be taken again.
   */
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
