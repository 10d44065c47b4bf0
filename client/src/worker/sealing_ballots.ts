// DANGER. A ballot is sealed: marks and randomness are here and nowhere else, and what comes back is kept in
// the page's memory only.

import { Point } from "../core/group.ts";
import { sealBody, seeded } from "../core/secret/encrypt.ts";
import { digest } from "../core/transcript.ts";
import type { Sealed, SealJob } from "./sealing.ts";

export function sealed(job: SealJob): Sealed {
  const electionKey = Point.decode(job.electionKey, "4.4", "manifest.election_key");
  const question = { hash: job.hash, electionKey, levels: job.levels, contests: job.contests };
  const made = sealBody(question, job.panel, job.marks, job.key, job.sequence, seeded(job.seed));
  return {
    body: made.body,
    digest: digest("ballot/digest", made.body),
    marks: made.choices,
    randomness: made.randomness.map((r) => r.encode()),
    seed: job.seed,
  };
}
