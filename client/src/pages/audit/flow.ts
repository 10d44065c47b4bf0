// Verifying a bundle in the browser, as a state machine without a page (docs/protocol.md §14).
//
// Danger: "verified" must never be said of a file that was not looked at to its end: only a report of the
// verifier leads to the last screen, and whatever interrupts it leads back to the first, with a sentence.

import type { Finding, Report } from "../../verifier/verify.ts";
import type { Said } from "../../worker/auditing.ts";

/** A bundle that the server offers: its address, size in bytes, and the hash that was published. */
export interface Offer {
  readonly address: string;
  readonly size: number;
  readonly sha256: string;
}

export interface Problem {
  readonly name: "Offline" | "NotOffered" | "broken" | "empty";
  readonly why: string;
}

/**
 * `typeset` is what came of a file that should be the typeset minutes (13.7): null where none was given yet.
 */
export interface Outcome {
  readonly name: string;
  readonly report: Report;
  readonly sha256: string;
  readonly typeset: "same" | "different" | "unreadable" | null;
}

export type View =
  | { readonly at: "start"; readonly problem: Problem | null }
  | { readonly at: "download"; readonly done: number; readonly all: number }
  | {
      readonly at: "verify";
      readonly check: string;
      readonly share: number;
      readonly findings: readonly Finding[];
    }
  | { readonly at: "done"; readonly outcome: Outcome };

/** A verification under way. */
export interface Running {
  stop(): void;
}

export interface Ports {
  /** The bundle from its address; `stopped` says that nobody wants it any more. */
  readonly download: (
    offer: Offer,
    onBytes: (done: number, all: number) => void,
    stopped: AbortSignal,
  ) => Promise<Blob>;
  /** Verify, and tell what is found; ends with "report" or "broken". */
  readonly verify: (bundle: Blob, heard: (said: Said) => void) => Running;
  /** The SHA-256 of a file in hex. */
  readonly hash: (file: Blob) => Promise<string>;
}

/** No bundle at its address, or none for everybody. */
export class NotOffered extends Error {}

/** How long each check takes of the whole, roughly: for one bar over all of them. */
const PARTS: Readonly<Record<string, number>> = {
  "14.1": 4,
  "4.1": 1,
  "6.3": 1,
  "7.5": 2,
  "7.3": 1,
  "7.2": 8,
  "8.2": 76,
  "12.1": 2,
  "12.3": 2,
  "12.5": 1,
};
const SMALL = 0.1;

export class Flow {
  readonly #ports: Ports;
  readonly #checks: readonly string[];
  #view: View = { at: "start", problem: null };
  #stop: () => void = () => undefined;
  onChange: () => void = () => undefined;

  /** `checks` are the numbers of all checks, in order. */
  constructor(ports: Ports, checks: readonly string[]) {
    this.#ports = ports;
    this.#checks = checks;
  }

  get view(): View {
    return this.#view;
  }

  /** Back to the first screen; what is under way ends without a verdict. */
  start(problem: Problem | null = null): void {
    this.#stop();
    this.#stop = () => undefined;
    this.#show({ at: "start", problem });
  }

  /** The bundle that the server offers. */
  async fetch(offer: Offer): Promise<void> {
    this.#stop();
    const stopping = new AbortController();
    this.#stop = () => stopping.abort();
    this.#show({ at: "download", done: 0, all: offer.size });
    try {
      const bundle = await this.#ports.download(
        offer,
        (done, all) => this.#show({ at: "download", done, all: all || offer.size }),
        stopping.signal,
      );
      if (!stopping.signal.aborted)
        this.verify(bundle, offer.address.slice(offer.address.lastIndexOf("/") + 1));
    } catch (error) {
      if (!stopping.signal.aborted)
        this.start({ name: error instanceof NotOffered ? "NotOffered" : "Offline", why: String(error) });
    }
  }

  /** A file: chosen by the person, or downloaded. */
  verify(bundle: Blob, name: string): void {
    this.#stop();
    if (bundle.size === 0) {
      this.start({ name: "empty", why: "" });
      return;
    }
    const findings: Finding[] = [];
    let running: Running | null = null;
    let over = false;
    const heard = (said: Said): void => {
      if (over) return;
      if (said.kind === "finding") findings.push(said.finding);
      else if (said.kind !== "progress") {
        over = true;
        if (said.kind === "report")
          this.#show({
            at: "done",
            outcome: { name, report: said.report, sha256: said.sha256, typeset: null },
          });
        else this.start({ name: "broken", why: said.kind === "broken" ? said.why : said.kind });
        return;
      }
      const [check, part] =
        said.kind === "progress"
          ? [said.check, said.total > 0 ? said.done / said.total : 0]
          : [this.#checks[findings.length] ?? this.#checks.at(-1) ?? "", 0];
      this.#show({ at: "verify", check, share: this.#share(check, part), findings });
    };
    this.#stop = () => {
      over = true;
      running?.stop();
    };
    this.#show({ at: "verify", check: this.#checks[0] ?? "", share: 0, findings });
    running = this.#ports.verify(bundle, heard);
  }

  /** 13.7: whether this file is the one that the minutes name. */
  async compare(file: Blob): Promise<void> {
    if (this.#view.at !== "done") return;
    const { outcome } = this.#view;
    let typeset: Outcome["typeset"];
    try {
      typeset = (await this.#ports.hash(file)) === outcome.report.typeset ? "same" : "different";
    } catch {
      typeset = "unreadable";
    }
    if (this.#view.at === "done" && this.#view.outcome.report === outcome.report)
      this.#show({ at: "done", outcome: { ...outcome, typeset } });
  }

  /** How much of the whole is done, from 0 to 1, in the middle of this check. */
  #share(check: string, part: number): number {
    const weight = (each: string): number => PARTS[each] ?? SMALL;
    const all = this.#checks.reduce((sum, each) => sum + weight(each), 0);
    const at = this.#checks.indexOf(check);
    if (at < 0) return 1;
    const before = this.#checks.slice(0, at).reduce((sum, each) => sum + weight(each), 0);
    return (before + weight(check) * part) / all;
  }

  #show(view: View): void {
    this.#view = view;
    this.onChange();
  }
}

export interface Titles {
  readonly vi: Readonly<Record<string, string>>;
  readonly en: Readonly<Record<string, string>>;
}

/** The report as `surveys verify --json` prints it, with the hash of the file beside it. */
export function reportJson({ report, sha256 }: Outcome, titles: Titles): string {
  const { findings, good, typeset: _, ...facts } = report;
  const checks = findings.map(({ check, verdict, where, why }) => ({
    check,
    title: titles.en[`check_${check}`],
    title_vi: titles.vi[`check_${check}`],
    verdict,
    where,
    why,
  }));
  // Signatures behind the minutes are a matter of the command (`--minutes`): here nobody has looked.
  const document = { good, ...facts, signatures: null, bundle_sha256: sha256, checks };
  return `${JSON.stringify(document, null, 2)}\n`;
}
