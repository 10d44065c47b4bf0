// The committee page's worker: ceremony and count of one member, while the page stays alive (docs/protocol.md §5, §12). DANGER: holds the seed.

import { checkOfBoard, cutBoard } from "./board.ts";
import { encode } from "../core/canonical.ts";
import { commitJson, confirmJson, dealJson } from "../core/ceremony.ts";
import { decodeCeremony } from "../core/ceremony_checks.ts";
import { decodeCheckpoint } from "../core/checkpoint.ts";
import { Rejected, RefusedByTrustee } from "../core/errors.ts";
import { decodeDefinition, decodeManifest } from "../core/manifest.ts";
import { fromHex, type Octets, toHex } from "../core/octets.ts";
import { decodePlan } from "../core/plan.ts";
import { type Examined, Trustee } from "../core/secret/trustee.ts";
import { shareJson } from "../core/shares.ts";
import type { Answer, Job, PaperHex } from "./committee.ts";

const random = (length: number): Octets => crypto.getRandomValues(new Uint8Array(length));

let examined: Examined | null = null;
let opened = new Map<string, string>();

function work(job: Job): Answer {
  switch (job.do) {
    case "owns":
      return { kind: "owns", owns: new Trustee(job.seed, job.trustee).owns(decodeDefinition(job.definition), decodeCeremony(job.ceremony)) };
    case "commit": {
      const { attempt } = decodeCeremony(job.ceremony);
      return message(encode(commitJson(new Trustee(job.seed, job.trustee).commit(decodeDefinition(job.definition), attempt))));
    }
    case "deal": {
      const { attempt, commits } = decodeCeremony(job.ceremony);
      const definition = decodeDefinition(job.definition);
      return message(encode(dealJson(new Trustee(job.seed, job.trustee).deal(definition, attempt, commits, random))));
    }
    case "confirm": {
      const { attempt, commits, deals } = decodeCeremony(job.ceremony);
      return message(encode(confirmJson(new Trustee(job.seed, job.trustee).confirm(decodeManifest(job.manifest), attempt, commits, deals))));
    }
    case "examine": {
      opened = new Map(job.opened);
      const manifest = decodeManifest(job.manifest);
      const board = cutBoard(job.board);
      const proofs = checkOfBoard(manifest, board, job.seconds);
      examined = new Trustee(job.seed, job.trustee, opened).examine(
        manifest,
        decodeCeremony(job.ceremony),
        board,
        decodeCheckpoint(job.checkpoint).checkpoint,
        decodePlan(job.plan),
        { proofs, randomBytes: random, onProgress: progress },
      );
      const { ballots, checked, sums, smallest } = examined;
      return { kind: "examined", summary: { ballots, checked, sums, smallest } };
    }
    case "open": {
      if (examined === null) throw new Error("nothing was examined");
      const given = examined.open();
      const said = encode({ share: shareJson(given.share), cosignature: toHex(given.cosignature) });
      return { kind: "opened", message: said, opened: [...opened] };
    }
    case "certify": {
      const certified = certifiedOf(job.papers);
      const trustee = new Trustee(job.seed, job.trustee, new Map(job.opened));
      const certificate = trustee.certify(decodeManifest(job.manifest), decodeCeremony(job.ceremony), certified);
      return message(encode({ trustee: job.trustee, signature: toHex(certificate.signature) }));
    }
  }
}

function message(raw: Octets): Answer {
  return { kind: "message", message: raw };
}

function certifiedOf(papers: PaperHex): Record<keyof PaperHex, Octets> {
  const octets = Object.entries(papers).map(([name, text]) => {
    const raw = fromHex(text);
    if (raw === null || raw.length !== 32) throw new RefusedByTrustee(`the papers' ${name} is not a hash`);
    return [name, raw] as const;
  });
  return Object.fromEntries(octets) as Record<keyof PaperHex, Octets>;
}

let last = 0;

/** At most twenty times a second: a message for each of a million steps would be slower than the steps. */
function progress(step: "read" | "check" | "open", done: number, all: number): void {
  const now = Date.now();
  if (done < all && now - last < 50) return;
  last = now;
  say({ kind: "progress", step, done, all });
}

function say(answer: Answer): void {
  postMessage(answer);
}

onmessage = (event: MessageEvent<Job>): void => {
  try {
    say(work(event.data));
  } catch (error) {
    say(refusal(error));
  }
};

function refusal(error: unknown): Answer {
  if (error instanceof Rejected) {
    const dealer = /^deals\[(\d+)\]/.exec(error.where)?.[1];
    return { kind: "refused", name: error.name, check: error.check, where: error.where, why: error.why, dealer: dealer === undefined ? null : Number(dealer) + 1 };
  }
  if (error instanceof RefusedByTrustee) return { kind: "refused", name: "RefusedByTrustee", check: "", where: "", why: error.message, dealer: null };
  throw error;
}

