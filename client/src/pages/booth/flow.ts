// A voter's way through the booth (docs/protocol.md §7, §8, §15), as a state machine without a page: slip,
// marks, review, paper, tracker, check or cast, receipt. Everything it needs from outside comes in by the
// ports.
//
// Danger: code, marks and randomness live in the fields of this object and nowhere else (8.11); and from the
// moment bytes are cast the same bytes are sent until the box's receipt is there, or the voter would not know
// which ballot counts.

import { readCode } from "../../core/codes.ts";
import { Rejected } from "../../core/errors.ts";
import { type Octets, toHex } from "../../core/octets.ts";
import { SlipKey } from "../../core/secret/slip_key.ts";
import type { Sealed } from "../../worker/sealing.ts";
import { OwnLookUp } from "./own_look_up.ts";
import * as paper from "./paper.ts";
import { Pauses } from "./pauses.ts";
import { passes, problem } from "./problems.ts";
import { type Kept, Safe } from "./storage.ts";
import type { Ports, Problem, View } from "./views.ts";
import { Vote } from "./vote.ts";
import type { Papers } from "./wire.ts";

export class Flow {
  readonly #ports: Ports;
  readonly vote: Vote;
  #view: View = { at: "loading" };
  #slip: SlipKey | null = null;
  #safe: Safe | null = null;
  #kept: Kept | null = null;
  #papers: Papers = "given";
  #panel = 0;
  #marks: readonly number[] = [];
  #sealed: Sealed | null = null;
  readonly #own: OwnLookUp;
  readonly #pauses: Pauses;
  #typed: string | null = null;
  keepsNothing = false;
  onChange: () => void = () => undefined;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.vote = new Vote(ports.wire, ports.elapsed);
    this.#own = new OwnLookUp(this.vote);
    this.#pauses = new Pauses(ports.wait);
  }

  get view(): View {
    return this.#view;
  }

  /** Whether a slip is in hand. */
  get presented(): boolean {
    return this.#slip !== null;
  }

  /** The code as it was typed or scanned last. */
  get typed(): string | null {
    return this.#typed;
  }

  get papers(): Papers {
    return this.#papers;
  }

  get panel(): number {
    return this.#panel;
  }

  get marks(): readonly number[] {
    return this.#marks;
  }

  /** Whether a ballot of this voter lies in the box already, which counts until a new one is cast (9.2). */
  get revoting(): boolean {
    return (this.#kept?.receipt ?? null) !== null;
  }

  /** Load the head; with a code, go on to the slip. */
  async start(code: string | null): Promise<void> {
    this.#typed = code;
    this.#show({ at: "loading" });
    try {
      await this.vote.load(this.#ports.survey);
    } catch (error) {
      return this.#stop(problem(error), true);
    }
    if (code === null) return this.#show({ at: "code", problem: null, busy: false });
    await this.enterCode(code);
  }

  /**
   * A typed or scanned code. A page may have been open for hours, or for another voter: the server is asked
   * anew.
   */
  async enterCode(text: string): Promise<void> {
    this.#typed = text;
    let code: Octets;
    try {
      code = readCode(text);
    } catch (error) {
      const name = error instanceof Rejected && error.why.startsWith("the check") ? "CodeTypo" : "CodeWrong";
      return this.#show({ at: "code", problem: { name }, busy: false });
    }
    this.#show({ at: "code", problem: null, busy: true });
    const safe = new Safe(this.#ports.drawer, code, this.#ports.survey, this.#ports.random);
    if (!(await this.#ports.lock(safe.name))) return this.#stop({ name: "OtherTab" }, true);
    const slip = new SlipKey(code, this.#ports.survey);
    const held = safe.load();
    const kept = held !== null && held.manifest === toHex(this.vote.manifest.hash) ? held : null;
    try {
      if (kept === null) await this.#present(slip);
      else await this.vote.hear().catch(() => undefined); // what is kept goes on without it
    } catch (error) {
      this.#ports.unlock();
      return this.#show({ at: "code", problem: problem(error), busy: false });
    }
    [this.#slip, this.#safe, this.#kept] = [slip, safe, kept];
    if (kept !== null) this.#panel = kept.panel;
    this.#blank();
    if (kept !== null) return this.#resume(kept);
    if (this.#papers === "taken") return this.#stop({ name: "TakenElsewhere" }, false);
    this.#show({ at: "welcome", problem: null, busy: false });
  }

  /** Ask again whether a paper will be given. */
  async askAgain(): Promise<void> {
    if (this.#slip === null) return this.start(this.#typed);
    this.#show({ at: "welcome", problem: null, busy: true });
    try {
      await this.#present(this.#slip);
    } catch (error) {
      return this.#show({ at: "welcome", problem: problem(error), busy: false });
    }
    if (this.#papers === "taken") return this.#stop({ name: "TakenElsewhere" }, false);
    this.#show({ at: "welcome", problem: null, busy: false });
  }

  /** What the server says about the slip (15.2, 15.8), the polls (15.6) and the leaders (15.7). */
  async #present(slip: SlipKey): Promise<void> {
    const mine = paper.shown(this.vote.manifest, slip);
    const [said] = await Promise.all([this.#ports.wire.panel(...mine), this.vote.hear()]);
    await this.vote.loadForm(said.panel, mine);
    [this.#panel, this.#papers] = [said.panel, said.papers];
  }

  /**
   * Whether the rows can be shown. A page that goes on from what is kept asks for the form only now: the
   * question names the slip, and must not stand beside a look-up or a cast (15.8).
   */
  async #seesRows(): Promise<boolean> {
    if (this.vote.hasForm(this.#panel)) return true;
    const slip = this.#key();
    this.#show({ at: "fetching" });
    try {
      await this.vote.loadForm(this.#panel, paper.shown(this.vote.manifest, slip));
    } catch (error) {
      if (this.#slip === slip) this.#stop(problem(error), true);
      return false;
    }
    return this.#slip === slip;
  }

  /** After a stop that can be tried again: go on where it was. */
  async retry(): Promise<void> {
    if (this.#kept !== null) return this.#resume(this.#kept);
    if (this.#slip !== null && this.#marks.some((mark) => mark !== 0)) return this.review();
    return this.start(this.#typed);
  }

  /** Something that nobody foresaw has happened on the page. */
  readonly fail = (): void => this.#stop({ name: "Unforeseen" }, true);

  async #resume(kept: Kept): Promise<void> {
    if (kept.sent !== null) return this.#send();
    if (kept.request !== null) return this.askForPaper();
    if (kept.body !== null) return this.#showSealed(true);
    if (kept.receipt !== null) return this.#done(kept);
    await this.toMarks();
  }

  /** Mark a row: 0 takes the mark away. */
  mark(row: number, choice: number): void {
    this.#marks = this.#marks.map((held, i) => (i === row ? choice : held));
  }

  /** To the rows; `row` is the one to go to. */
  async toMarks(row: number | null = null): Promise<void> {
    if (!(await this.#seesRows())) return;
    if (this.#marks.length === 0) this.#blank();
    this.#sealed = null;
    if (this.#kept?.body != null) this.#keep(paper.withoutBody(this.#kept));
    this.#show({ at: "marking", row });
  }

  review(): void {
    this.#show({ at: "review" });
  }

  /** The voter has confirmed the review: encrypt, put away, ask for the paper (8.10). */
  async seal(): Promise<void> {
    this.#show({ at: "sealing" });
    const { random } = this.#ports;
    const kept = this.#kept ?? paper.freshPaper(this.vote.manifest, this.#panel, random);
    try {
      this.#sealed = await this.#ports.seal(paper.sealJob(this.vote.manifest, kept, this.#marks, random));
    } catch {
      return this.#stop({ name: "SealFailed" }, true);
    }
    this.#keep(paper.withBody(this.vote.manifest, kept, this.#sealed.body, random));
    await this.askForPaper();
  }

  /** Ask for the paper with the request that is kept, the first time or again. */
  async askForPaper(): Promise<void> {
    const resumed = this.#sealed === null;
    if (this.#mine().token === null) {
      if (!(await this.#seesRows())) return;
      this.#show({ at: "asking", problem: null });
      try {
        this.#keep(await paper.askForToken(this.vote.manifest, this.#mine(), this.#key(), this.#ports.wire));
      } catch (error) {
        const wrong = error instanceof Rejected ? { name: "WrongToken" } : problem(error);
        if (passes(wrong)) return this.#show({ at: "asking", problem: wrong });
        // No paper came, and none will come for this request: nothing is kept of it.
        this.#forget();
        this.#sealed = null;
        return this.#stop(wrong.name === "SecondBlindedMessage" ? { name: "TakenElsewhere" } : wrong, false);
      }
    }
    this.#showSealed(resumed);
  }

  #showSealed(resumed: boolean): void {
    this.#show({ at: "sealed", tracker: paper.trackerOfBody(this.#mine()), resumed });
  }

  /** Check instead of cast: this ballot is laid open and can then not be cast (8.8). */
  challenge(): void {
    const sealed = this.#sealed;
    if (sealed === null) return;
    const opened = paper.layOpen(this.vote.manifest, this.#mine(), sealed);
    this.#sealed = null;
    this.#keep(paper.withoutBody(this.#mine()));
    this.#show({ at: "opened", opened });
  }

  /** Sign and send. From here on only these bytes are sent, and the marks are forgotten. */
  async cast(): Promise<void> {
    if (this.#mine().body === null) return;
    this.#sealed = null;
    this.#blank();
    this.#keep(paper.readyToSend(this.#mine()));
    await this.#send();
  }

  /** Try again now instead of waiting. */
  readonly hurry = (): void => this.#pauses.hurry();

  async #send(): Promise<void> {
    for (let tries = 1; ; tries++) {
      this.#show({ at: "casting", tries, problem: null });
      const wrong = await this.#sendOnce();
      if (wrong === null) return;
      if (!passes(wrong)) return this.#refusedWhileCasting(wrong);
      this.#show({ at: "casting", tries, problem: wrong });
      await this.#pauses.after(tries);
    }
  }

  async #sendOnce(): Promise<Problem | null> {
    try {
      this.#finish(await paper.send(this.vote.manifest, this.#mine(), this.#ports.wire));
      return null;
    } catch (error) {
      return error instanceof Rejected ? { name: "WrongReceipt" } : problem(error);
    }
  }

  /**
   * An answer may have been lost and the polls closed meanwhile: the look-up tells whether the ballot is in
   * the box.
   */
  async #refusedWhileCasting(wrong: Problem): Promise<void> {
    if (wrong.name !== "PollsClosed") return this.#stop(wrong, wrong.name === "WrongReceipt");
    const found = await this.vote.find(paper.trackerSent(this.#mine())).catch(() => null);
    if (found === null) return this.#stop({ name: "ClosedUnknown" }, true);
    if (found.at === "box" || found.at === "board") return this.#finish(paper.received(this.#mine(), null));
    // It never reached the box, and an earlier one still counts where there is one.
    if (this.#mine().receipt === null) this.#forget();
    else this.#keep({ ...paper.withoutBody(this.#mine()), sent: null });
    this.#stop(wrong, false);
  }

  #finish(kept: Kept): void {
    // On a shared device nothing stays (8.11); the page shows the receipt from its memory.
    if (this.#ports.shared) {
      this.#safe?.clear();
      this.#kept = kept;
    } else this.#keep(kept);
    this.#done(kept);
  }

  #done(kept: Kept): void {
    this.#blank();
    this.#own.begin();
    this.#showDone(kept);
    void this.lookForOwn();
  }

  #showDone(kept: Kept): void {
    const { revoting } = this.vote.manifest.definition.terms;
    const again = revoting && this.vote.clock.polls?.polls === "open" && kept.token !== null;
    this.#show({ at: "done", receipt: paper.receiptOf(kept), again, looked: this.#own.looked });
  }

  /** Once the board is sealed the page looks its own ballot up, and says what came of it. */
  async lookForOwn(): Promise<void> {
    const kept = this.#kept;
    if (kept?.receipt == null || this.#view.at !== "done") return;
    const news = await this.#own.ask(paper.receiptOf(kept).digest.slice(0, 10));
    // The voter may have gone on meanwhile.
    if (news && this.#kept === kept && (this.#view as View).at === "done") this.#showDone(kept);
  }

  /**
   * Mark a new ballot that takes the place of the one in the box (9.2). The one in the box counts until the
   * new one is cast.
   */
  async change(): Promise<void> {
    if (!(await this.#seesRows())) return;
    this.#blank();
    this.#show({ at: "marking", row: null });
  }

  /** Back to the receipt: the earlier ballot stays the one that counts. */
  keepEarlier(): void {
    if (this.#kept?.receipt == null) return;
    if (this.#kept.body !== null) this.#keep(paper.withoutBody(this.#kept));
    this.#sealed = null;
    this.#done(this.#kept);
  }

  /** Forget everything on this device: the next voter begins. */
  wipe(): void {
    this.#safe?.clear();
    this.leave();
  }

  /** Put the slip away; what is kept under its code stays for whoever has the slip. */
  leave(): void {
    this.#ports.unlock();
    this.#typed = null;
    this.vote.forgetForm();
    [this.#slip, this.#safe, this.#kept, this.#sealed, this.#marks] = [null, null, null, null, []];
    this.#show({ at: "code", problem: null, busy: false });
  }

  /** Whether leaving now would lose marks, or a paper that is nowhere else. */
  get unsaved(): boolean {
    const open = this.#kept !== null && (this.#kept.receipt === null || this.#kept.sent !== null);
    return (this.keepsNothing && open) || this.#marks.some((mark) => mark !== 0);
  }

  #blank(): void {
    this.#marks = this.vote.contests(this.#panel).map(() => 0);
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    try {
      this.#safe?.save(kept);
    } catch {
      this.keepsNothing = true; // said on the page: it must stay open
    }
  }

  #forget(): void {
    this.#safe?.clear();
    this.#kept = null;
  }

  #mine(): Kept {
    if (this.#kept === null) throw new Error("there is no paper");
    return this.#kept;
  }

  #key(): SlipKey {
    if (this.#slip === null) throw new Error("there is no slip");
    return this.#slip;
  }

  #stop(wrong: Problem, retry: boolean): void {
    this.#show({ at: "stopped", problem: wrong, retry });
  }

  #show(view: View): void {
    this.#view = view;
    this.onChange();
  }
}
