// What the server has told this page about the vote: what is asked, what voters are shown and told, how the
// polls stand.

import { headsManifest, votersManifest } from "../../core/form.ts";
import type { Manifest } from "../../core/manifest.ts";
import { type Octets, same } from "../../core/octets.ts";
import { Unreachable } from "../../dom/http.ts";
import { ServersClock } from "./clock.ts";
import { type Answer, type Exhibits, NOTHING, type Notice } from "./exhibits.ts";
import { bucketOf, type Found, findIn } from "./look.ts";
import type { Wire } from "./wire.ts";

const A_MOMENT = 1000;

export class Vote {
  readonly #wire: Wire;
  readonly clock: ServersClock;
  #head: Octets | null = null;
  #manifest: Manifest | null = null;
  #panel: number | null = null;
  #exhibits: Exhibits = NOTHING;

  constructor(wire: Wire, elapsed: () => number) {
    this.#wire = wire;
    this.clock = new ServersClock(elapsed);
  }

  /** The head, and of the lists what voters of one panel see, once their form is there (4.6). */
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

  /** Load what is asked, and what voters are told. Throws what the wire throws; Rejected. */
  async load(survey: Octets): Promise<void> {
    if (this.#manifest !== null) return;
    const head = await this.#wire.head();
    const manifest = headsManifest(head);
    if (!same(manifest.definition.terms.survey, survey)) throw new Unreachable("another vote's head");
    await this.#hear(manifest);
    [this.#head, this.#manifest] = [head, manifest];
  }

  /** Whether the form of this panel is there. */
  hasForm(panel: number): boolean {
    return this.#panel === panel;
  }

  /**
   * The form of a panel, for whoever shows that a slip of it is theirs, where it is not there yet. Throws
   * what the wire throws; Rejected where the head does not bind it.
   */
  async loadForm(panel: number, shown: readonly [Octets, Octets]): Promise<void> {
    if (this.hasForm(panel)) return;
    const form = await this.#wire.form(...shown);
    if (this.#head === null) throw new Error("the head is not loaded");
    this.#manifest = votersManifest(this.#head, form, panel);
    this.#panel = panel;
  }

  /** Forget where the voter votes. */
  forgetForm(): void {
    if (this.#head !== null) this.#manifest = headsManifest(this.#head);
    this.#panel = null;
  }

  /** The contests of a panel; none before its form is there. */
  contests(panel: number): readonly number[] {
    return this.hasForm(panel) ? this.manifest.definition.panel(panel).contests : [];
  }

  /** Ask anew, but for a moment ago: a page may have been open for hours, or for another voter. */
  async hear(): Promise<void> {
    if (this.clock.age > A_MOMENT) await this.#hear(this.manifest);
  }

  async #hear(manifest: Manifest): Promise<void> {
    const [exhibits, polls] = await Promise.all([this.#wire.exhibits(manifest), this.#wire.polls()]);
    this.#exhibits = exhibits;
    this.clock.set(polls);
  }

  /** How the polls stand now; whether that is news. */
  async askPolls(): Promise<boolean> {
    const before = this.clock.polls?.polls;
    this.clock.set(await this.#wire.polls());
    return this.clock.polls?.polls !== before;
  }

  /** What the organizers say about the whole vote and, once the panel is known, about its leaders. */
  notices(panel: number | null): readonly Notice[] {
    const mine = panel === null ? [] : this.contests(panel);
    return this.#exhibits.notices.filter((each) => each.contest === null || mine.includes(each.contest));
  }

  excluded(contest: number): boolean {
    return this.#exhibits.notices.some((each) => each.contest === contest);
  }

  answers(contest: number): readonly Answer[] {
    return this.#exhibits.answers.filter((each) => each.contest === contest);
  }

  /**
   * Where the ballot of a tracker lies. Throws what the wire throws; Rejected where the server's proof does
   * not hold.
   */
  async find(tracker: Octets): Promise<Found> {
    return findIn(await this.#wire.bucket(bucketOf(tracker, this.manifest)), tracker, this.manifest);
  }
}
