// The committee page's worker: ceremony and count of one member, while the page stays alive (docs/protocol.md
// §5, §12). DANGER: holds the seed.

import { cosignatureJson, decodeAgreement } from "../core/agreement.ts";
import { encode } from "../core/canonical.ts";
import { commitJson, confirmJson, dealJson } from "../core/ceremony.ts";
import { decodeCeremony } from "../core/ceremony_checks.ts";
import { LookUpTime, RefusedByTrustee, Rejected, TooFewCosigned } from "../core/errors.ts";
import type { ExaminedPapers } from "../core/examined.ts";
import { decodeDefinition, decodeManifest } from "../core/manifest.ts";
import { type Octets, toHex } from "../core/octets.ts";
import { Trustee } from "../core/secret/trustee.ts";
import { shareJson } from "../core/shares.ts";
import { inWords } from "../core/words.ts";
import { alone } from "../verifier/board.ts";
import { NotHeld } from "../verifier/examine.ts";
import { sha256 } from "../verifier/hashing.ts";
import type { Agreed, Answer, Job, Step } from "./committee.ts";
import { Examination } from "./examining.ts";
import { serve, together } from "./hands.ts";
import { type Memory, remembering } from "./remembering.ts";

const random = (length: number): Octets => crypto.getRandomValues(new Uint8Array(length));

let examination: Examination | null = null;
let papers: { readonly examined: ExaminedPapers; readonly pdf: Octets | null } | null = null;

async function work(job: Job): Promise<Answer | null> {
  switch (job.do) {
    case "owns": {
      const [definition, ceremony] = [decodeDefinition(job.definition), decodeCeremony(job.ceremony)];
      return { kind: "owns", owns: new Trustee(job.seed, job.trustee).owns(definition, ceremony) };
    }
    case "commit": {
      const { attempt } = decodeCeremony(job.ceremony);
      const commit = new Trustee(job.seed, job.trustee).commit(decodeDefinition(job.definition), attempt);
      return message(encode(commitJson(commit)));
    }
    case "deal": {
      const { attempt, commits } = decodeCeremony(job.ceremony);
      const definition = decodeDefinition(job.definition);
      const deal = new Trustee(job.seed, job.trustee).deal(definition, attempt, commits, random);
      return message(encode(dealJson(deal)));
    }
    case "confirm": {
      const { attempt, commits, deals } = decodeCeremony(job.ceremony);
      const manifest = decodeManifest(job.manifest);
      const confirm = new Trustee(job.seed, job.trustee).confirm(manifest, attempt, commits, deals);
      return message(encode(confirmJson(confirm)));
    }
    case "examine": {
      const { ballots, bases, smallest, agreed } = (await examined(job)).examined;
      const summary = {
        ballots,
        sums: bases.length,
        smallest,
        agreed: toHex(agreed),
        words: inWords(agreed),
      };
      return { kind: "examined", summary };
    }
    case "cosign": {
      const remembered = new Map(job.agreed);
      const given = new Trustee(job.seed, job.trustee, remembered).cosign(held().examined, job.at);
      const { cosignature, checkpoint } = given;
      const said = encode({ cosignature: cosignatureJson(cosignature), checkpoint: toHex(checkpoint) });
      return message(said, [...remembered]);
    }
    case "open": {
      const trustee = new Trustee(job.seed, job.trustee, new Map(job.agreed));
      const { absent, now, since } = job;
      const opening = {
        ...{ absent, now, since },
        onOpened: (done: number, all: number) => progress("open", done, all),
      };
      const share = trustee.open(held().examined, decodeAgreement(job.agreement), opening);
      return message(encode(shareJson(share)), job.agreed);
    }
    case "papers": {
      const made = await examined(job);
      papers = { examined: await made.papers(job.members), pdf: job.pdf === null ? null : sha256(job.pdf) };
      return { kind: "papers", sheet: made.sheet(), words: inWords(papers.examined.agreed) };
    }
    case "certify": {
      if (papers === null) throw new Error("no papers were made");
      const trustee = new Trustee(job.seed, job.trustee, new Map(job.agreed));
      const signature = toHex(trustee.certify(papers.examined, papers.pdf));
      return message(encode({ trustee: job.trustee, signature }), job.agreed);
    }
    case "serve": {
      serve(job.port as MessagePort);
      return null;
    }
  }
}

/** The examination of this board: the one that was made before, or a new one. */
async function examined(job: Job & { do: "examine" | "papers" }): Promise<Examination> {
  const { members } = job;
  if (examination?.isOf(members) !== true) {
    const hands = job.hands as readonly MessagePort[];
    const labour = hands.length === 0 ? alone() : together(hands, () => undefined);
    const fresh = new Examination({ labour: remembering(labour, memory(job)), progress });
    await fresh.board(members);
    examination = fresh;
  }
  return held();
}

/** What was checked before a reload. Throws Rejected where the manifest is none. */
function memory({ seed, trustee, members, checked, program }: Job & { do: "examine" | "papers" }): Memory {
  const manifest = decodeManifest(members["manifest.json"] as Octets);
  const board = toHex(sha256(members["board.bin"] as Octets));
  return {
    key: new Trustee(seed, trustee).memoryKey(manifest.hash),
    program,
    kept: new Set(checked?.board === board ? checked.seals : []),
    keep: (seal) => step({ kind: "checked", board, seal }),
  };
}

function held(): Examination {
  if (examination === null) throw new Error("nothing was examined");
  return examination;
}

function message(raw: Octets, agreed: Agreed = []): Answer {
  return { kind: "message", message: raw, agreed };
}

let last = 0;

/** At most twenty times a second: a message for each of a million steps would be slower than the steps. */
function progress(check: string, done: number, all: number): void {
  const now = Date.now();
  if (done < all && now - last < 50) return;
  last = now;
  step({ kind: "progress", check, done, all });
}

function step(said: Step): void {
  postMessage(said);
}

addEventListener("message", (event: MessageEvent<Job>) => {
  work(event.data).then(
    (answer) => answer !== null && postMessage(answer),
    (error: unknown) => postMessage(refusal(error)),
  );
});

function refusal(error: unknown): Answer {
  if (error instanceof TooFewCosigned) return { kind: "tooFew", missing: error.missing };
  if (error instanceof LookUpTime) return { kind: "lookUp", seconds: error.seconds };
  const none = { kind: "refused", check: "", where: "", why: String(error), dealer: null } as const;
  if (error instanceof Rejected) {
    const dealer = /^deals\[(\d+)\]/.exec(error.where)?.[1];
    const { name, check, where, why } = error;
    return { ...none, name, check, where, why, dealer: dealer === undefined ? null : Number(dealer) + 1 };
  }
  if (error instanceof NotHeld) {
    const { check, where, why } = error;
    return { ...none, name: "CheckFailed", check, where, why };
  }
  if (error instanceof RefusedByTrustee) return { ...none, name: error.name, why: error.message };
  return { ...none, name: "Broken" };
}
