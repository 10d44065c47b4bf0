// The worker of the booth: it seals a ballot while the page stays alive. It has no network: the policy of the page is its own.

import { Point } from "../core/group.ts";
import { seeded, sealBody } from "../core/secret/encrypt.ts";
import { digest } from "../core/transcript.ts";
import type { Sealed, SealJob } from "./sealing.ts";

onmessage = (event: MessageEvent<SealJob>): void => {
  const job = event.data;
  const electionKey = Point.decode(job.electionKey, "4.4", "manifest.election_key");
  const question = { hash: job.hash, electionKey, levels: job.levels, contests: job.contests };
  const made = sealBody(question, job.panel, job.marks, job.key, job.sequence, seeded(job.seed));
  const sealed: Sealed = {
    body: made.body,
    digest: digest("ballot/digest", made.body),
    marks: made.choices,
    randomness: made.randomness.map((r) => r.encode()),
    seed: job.seed,
  };
  postMessage(sealed);
};
