// A voter's way through the booth (docs/protocol.md §7, §8, §15), as a state machine without a page: slip, paper, marks, review,
// tracker, check or cast, receipt. Everything it needs from outside comes in by the ports.
//
// Danger: nothing may leave between the moment the paper is there and the moment the voter casts; and from the moment bytes are
// cast the same bytes are sent until the box's receipt is there, or the voter would not know which ballot counts.

import { tokenMessage } from "../../core/ballot.ts";
import { readCode, writeCode } from "../../core/codes.ts";
import { Rejected } from "../../core/errors.ts";
import { Scalar } from "../../core/group.ts";
import { panelMessage } from "../../core/issuance.ts";
import { decodeManifest, type Manifest } from "../../core/manifest.ts";
import { fromHex, type Octets, same, toHex } from "../../core/octets.ts";
import { encodeShort, Opening } from "../../core/opening.ts";
import { checkReceipt } from "../../core/receipt.ts";
import { blind, finalize } from "../../core/secret/blind.ts";
import { signBody } from "../../core/secret/encrypt.ts";
import { SlipKey } from "../../core/secret/slip_key.ts";
import { publicKey } from "../../core/signature.ts";
import { decodeKey } from "../../core/token.ts";
import { digest as hash } from "../../core/transcript.ts";
import type { Sealed, SealJob } from "../../worker/sealing.ts";
import { type Paper, Safe, type Drawer } from "./storage.ts";
import { type Answer, type Exhibits, NOTHING, type Notice } from "./exhibits.ts";
import { Refused, type Whereabouts, Unreachable, type Wire } from "./wire.ts";

/** What went wrong: a name that words.ts knows, or a refusal with its own sentence. */
export interface Problem {
  readonly name: string;
  readonly vi?: string;
  readonly en?: string;
}

/** The proof that a ballot is in the box. `signature` is null where only a look-up could say so. */
export interface Receipt {
  readonly tracker: string;
  readonly digest: Octets;
  readonly signature: Octets | null;
}

export interface Opened {
  readonly tracker: string;
  readonly choices: readonly number[];
  readonly file: Octets;
  readonly short: Octets;
}

export type View =
  | { readonly at: "loading" }
  | { readonly at: "code"; readonly problem: Problem | null; readonly busy: boolean }
  | { readonly at: "welcome"; readonly problem: Problem | null; readonly busy: boolean }
  | { readonly at: "marking" }
  | { readonly at: "review" }
  | { readonly at: "sealing" }
  | { readonly at: "sealed"; readonly tracker: string }
  | { readonly at: "opened"; readonly opened: Opened }
  | { readonly at: "casting"; readonly tries: number; readonly problem: Problem | null }
  | { readonly at: "done"; readonly receipt: Receipt; readonly again: boolean }
  | { readonly at: "stopped"; readonly problem: Problem; readonly retry: boolean };

export interface Ports {
  readonly survey: Octets;
  readonly wire: Wire;
  readonly drawer: Drawer;
  readonly random: (length: number) => Octets;
  readonly seal: (job: SealJob) => Promise<Sealed>;
  /** Hold a lock while the page lives; false when another tab holds it. */
  readonly lock: (name: string) => Promise<boolean>;
  readonly unlock: () => void;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** The code survives a reload of this tab; null forgets it. */
  readonly remember: (code: string | null) => void;
}

/** Refusals after which another try of the same thing can help. */
const LATER = new Set(["IssuingNotOpen", "NoQuorum", "AllPapersIssued", "NotOpenYet", "TooManyRequests", "Broken"]);
const LONGEST_WAIT = 15_000;

export class Flow {
  readonly #ports: Ports;
  #view: View = { at: "loading" };
  #manifest: Manifest | null = null;
  #exhibits: Exhibits = NOTHING;
  #slip: SlipKey | null = null;
  #safe: Safe | null = null;
  #paper: Paper | null = null;
  #panel = 0;
  #sealed: Sealed | null = null;
  #wake: (() => void) | null = null;
  #typed: string | null = null;
  keepsNothing = false;
  onChange: () => void = () => undefined;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  get view(): View {
    return this.#view;
  }

  get manifest(): Manifest {
    if (this.#manifest === null) throw new Error("the manifest is not loaded");
    return this.#manifest;
  }

  get loaded(): boolean {
    return this.#manifest !== null;
  }

  get exhibits(): Exhibits {
    return this.#exhibits;
  }

  /** When polls close, as far as this page knows. */
  get closes(): string {
    return this.#exhibits.closes ?? this.manifest.definition.terms.closes;
  }

  /** What the organizers say to this voter: about the whole vote and, once the panel is known, about its leaders. */
  get notices(): readonly Notice[] {
    const mine = this.#slip === null ? [] : this.manifest.definition.panel(this.#panel).contests;
    return this.#exhibits.notices.filter((each) => each.contest === null || mine.includes(each.contest));
  }

  excluded(contest: number): boolean {
    return this.#exhibits.notices.some((each) => each.contest === contest);
  }

  answers(contest: number): readonly Answer[] {
    return this.#exhibits.answers.filter((each) => each.contest === contest);
  }

  get panel(): number {
    return this.#panel;
  }

  get marks(): readonly number[] {
    return this.#paper?.marks ?? [];
  }

  /** Load the manifest; with a code, go on to the slip. */
  async start(code: string | null): Promise<void> {
    this.#typed = code;
    this.#show({ at: "loading" });
    const fresh = this.#manifest === null;
    try {
      if (this.#manifest === null) {
        const raw = await this.#ports.wire.manifest();
        const manifest = decodeManifest(raw);
        if (!same(manifest.definition.terms.survey, this.#ports.survey)) throw new Unreachable("another vote's manifest");
        this.#exhibits = await this.#ports.wire.exhibits(manifest);
        this.#manifest = manifest;
      }
    } catch (error) {
      return this.#stop(problem(error), true);
    }
    if (code === null) return this.#show({ at: "code", problem: null, busy: false });
    await this.#enter(code, fresh);
  }

  /** A typed or scanned code. */
  async enterCode(text: string): Promise<void> {
    await this.#enter(text, false);
  }

  /** `fresh`: what voters are told has just been loaded. A page may have been open for hours, or for another voter. */
  async #enter(text: string, fresh: boolean): Promise<void> {
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
    const mine = held !== null && held.manifest === toHex(this.manifest.hash) ? held : null;
    try {
      this.#panel = mine?.panel ?? (await this.#ports.wire.panel(slip.public, slip.sign(panelMessage(this.manifest.hash, slip.public))));
      if (this.#panel >= this.manifest.definition.terms.panels.length) throw new Unreachable("no such panel");
      const paperIsThere = mine !== null && mine.token !== null;
      if (!fresh && !paperIsThere) this.#exhibits = await this.#ports.wire.exhibits(this.manifest);
    } catch (error) {
      this.#ports.unlock();
      return this.#show({ at: "code", problem: problem(error), busy: false });
    }
    this.#slip = slip;
    this.#safe = safe;
    this.#ports.remember(writeCode(code));
    if (mine === null) return this.#show({ at: "welcome", problem: null, busy: false });
    this.#paper = mine;
    await this.#resume(mine);
  }

  /** After a stop that can be tried again: go on where it was. */
  async retry(): Promise<void> {
    return this.#paper === null ? this.start(this.#typed) : this.#resume(this.#paper);
  }

  async #resume(paper: Paper): Promise<void> {
    if (paper.sent !== null) return this.#send();
    if (paper.receipt !== null) return this.#done(paper);
    if (paper.token === null) return this.takePaper();
    this.#show({ at: "marking" });
  }

  /** Ask for the ballot paper. The request is put away before it is sent: the same one is sent again after any interruption. */
  async takePaper(): Promise<void> {
    this.#show({ at: "welcome", problem: null, busy: true });
    const definition = this.manifest.definition.panel(this.#panel);
    const key = decodeKey(definition.tokenKey);
    if (this.#paper === null) {
      const seed = this.#ports.random(32);
      const blinded = blind(key, tokenMessage(this.manifest.hash, this.#panel, publicKey(seed)), this.#ports.random);
      this.#keep({
        manifest: toHex(this.manifest.hash),
        panel: this.#panel,
        seed: toHex(seed),
        blinded: toHex(blinded.message),
        inverse: String(blinded.inverse),
        token: null,
        sequence: 0,
        marks: definition.contests.map(() => 0),
        sent: null,
        receipt: null,
      });
    }
    const paper = this.#mine();
    const blinded = { message: hex(paper.blinded), inverse: BigInt(paper.inverse) };
    try {
      const answer = await this.#ports.wire.issue(this.#key().request(this.manifest.hash, this.#panel, blinded.message));
      const message = tokenMessage(this.manifest.hash, this.#panel, publicKey(hex(paper.seed)));
      const token = finalize(key, message, answer, blinded);
      // The blind is of no more use; without it nobody who opens this storage can link request and token.
      this.#keep({ ...paper, token: toHex(token), blinded: "", inverse: "" });
    } catch (error) {
      const wrong = error instanceof Rejected ? { name: "WrongToken" } : problem(error);
      const waits = wrong.name === "Offline" || LATER.has(wrong.name);
      if (!waits) return this.#stop(wrong, false);
      return this.#show({ at: "welcome", problem: wrong, busy: false });
    }
    this.#show({ at: "marking" });
  }

  /** Mark a row: 0 takes the mark away. */
  mark(row: number, choice: number): void {
    const paper = this.#mine();
    this.#keep({ ...paper, marks: paper.marks.map((held, i) => (i === row ? choice : held)) });
  }

  review(): void {
    this.#show({ at: "review" });
  }

  backToMarks(): void {
    this.#sealed = null;
    this.#show({ at: "marking" });
  }

  /** Encrypt what is marked. Nothing is sent. */
  async seal(): Promise<void> {
    this.#show({ at: "sealing" });
    const paper = this.#mine();
    this.#keep({ ...paper, sequence: paper.sequence + 1 });
    const question = this.manifest.question(this.#panel);
    try {
      this.#sealed = await this.#ports.seal({
        hash: question.hash,
        electionKey: question.electionKey.encode(),
        levels: question.levels,
        contests: question.contests,
        panel: this.#panel,
        marks: paper.marks,
        key: publicKey(hex(paper.seed)),
        sequence: paper.sequence + 1,
        seed: this.#ports.random(32),
      });
    } catch {
      return this.#stop({ name: "SealFailed" }, true);
    }
    this.#show({ at: "sealed", tracker: trackerOf(this.#sealed.digest) });
  }

  /** Check instead of cast: this ballot is laid open and can then not be cast (8.8). */
  challenge(): void {
    const sealed = this.#sealed;
    if (sealed === null) return;
    this.#sealed = null;
    const randomness = sealed.randomness.map((r) => Scalar.decode(r, "8.8", "opening.randomness"));
    const paper = this.#mine();
    const short = encodeShort({
      manifest: this.manifest.hash,
      panel: this.#panel,
      key: publicKey(hex(paper.seed)),
      sequence: paper.sequence,
      seed: sealed.seed,
      choices: sealed.marks,
    });
    const file = new Opening(sealed.body, sealed.marks, randomness).encode();
    this.#show({ at: "opened", opened: { tracker: trackerOf(sealed.digest), choices: sealed.marks, file, short } });
  }

  /** Sign and send. From here on only these bytes are sent, and the marks are forgotten. */
  async cast(): Promise<void> {
    const sealed = this.#sealed;
    if (sealed === null) return;
    const paper = this.#mine();
    const raw = signBody(sealed, hex(paper.seed), hex(paper.token ?? ""));
    this.#sealed = null;
    this.#keep({ ...paper, sent: toHex(raw), marks: paper.marks.map(() => 0) });
    await this.#send();
  }

  /** Try again now instead of waiting. */
  hurry(): void {
    this.#wake?.();
  }

  async #send(): Promise<void> {
    for (let tries = 1; ; tries++) {
      this.#show({ at: "casting", tries, problem: null });
      const wrong = await this.#sendOnce();
      if (wrong === null) return;
      if (wrong.name !== "Offline" && !LATER.has(wrong.name)) return this.#refusedWhileCasting(wrong);
      this.#show({ at: "casting", tries, problem: wrong });
      const woken = new Promise<void>((wake) => (this.#wake = wake));
      await Promise.race([this.#ports.wait(Math.min(LONGEST_WAIT, 1000 * 2 ** (tries - 1))), woken]);
      this.#wake = null;
    }
  }

  async #sendOnce(): Promise<Problem | null> {
    const paper = this.#mine();
    const raw = hex(paper.sent ?? "");
    try {
      const receipt = await this.#ports.wire.cast(raw);
      if (!same(receipt.digest, digestOf(raw))) throw new Unreachable("a receipt for another ballot");
      checkReceipt(this.manifest.definition.terms.boxKey, this.manifest.hash, receipt.digest, receipt.signature);
      this.#finish({ digest: toHex(receipt.digest), signature: toHex(receipt.signature) });
      return null;
    } catch (error) {
      return error instanceof Rejected ? { name: "WrongReceipt" } : problem(error);
    }
  }

  /** An answer may have been lost and the polls closed meanwhile: the look-up tells whether the ballot is in the box. */
  async #refusedWhileCasting(wrong: Problem): Promise<void> {
    const digest = digestOf(hex(this.#mine().sent ?? ""));
    if (wrong.name === "PollsClosed") {
      let found: Whereabouts;
      try {
        found = await this.#ports.wire.find(digest.slice(0, 10));
      } catch {
        return this.#stop({ name: "ClosedUnknown" }, true);
      }
      if (found.where !== "nowhere") return this.#finish({ digest: toHex(digest), signature: null });
    }
    this.#stop(wrong, wrong.name === "WrongReceipt");
  }

  #finish(receipt: { digest: string; signature: string | null }): void {
    const paper = { ...this.#mine(), sent: null, receipt };
    this.#keep(paper);
    this.#done(paper);
  }

  #done(paper: Paper): void {
    const held = paper.receipt;
    if (held === null) throw new Error("there is no receipt");
    const digest = hex(held.digest);
    const signature = held.signature === null ? null : hex(held.signature);
    const again = this.manifest.definition.terms.revoting;
    this.#show({ at: "done", receipt: { tracker: trackerOf(digest), digest, signature }, again });
  }

  /** Mark a new ballot that takes the place of the one in the box (9.2). The one in the box counts until the new one is cast. */
  change(): void {
    this.#show({ at: "marking" });
  }

  /** Forget everything on this device: the next voter begins. */
  wipe(): void {
    this.#safe?.clear();
    this.leave();
  }

  /** Put the slip away; what is kept under its code stays for whoever has the slip. */
  leave(): void {
    this.#ports.remember(null);
    this.#ports.unlock();
    this.#typed = null;
    this.#slip = null;
    this.#safe = null;
    this.#paper = null;
    this.#sealed = null;
    this.#show({ at: "code", problem: null, busy: false });
  }

  /** Whether leaving now would lose something that is nowhere else. */
  get unsaved(): boolean {
    return this.keepsNothing && this.#paper !== null && this.#paper.receipt === null;
  }

  #keep(paper: Paper): void {
    this.#paper = paper;
    try {
      this.#safe?.save(paper);
    } catch {
      this.keepsNothing = true; // said on the page: it must stay open
    }
  }

  #mine(): Paper {
    if (this.#paper === null) throw new Error("there is no paper");
    return this.#paper;
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

function problem(error: unknown): Problem {
  if (error instanceof Refused) return { name: error.code, vi: error.vi, en: error.en };
  if (error instanceof Unreachable) return { name: "Offline" };
  if (error instanceof Rejected) return { name: "WrongAnswer" };
  throw error;
}

function trackerOf(digest: Octets): string {
  return writeCode(digest.slice(0, 10));
}

/** The digest of a ballot's bytes (8.7): over all but token and signature. */
export function digestOf(raw: Octets): Octets {
  return hash("ballot/digest", raw.slice(0, raw.length - 256 - 64));
}

function hex(text: string): Octets {
  const raw = fromHex(text);
  if (raw === null) throw new Error("not hex");
  return raw;
}
