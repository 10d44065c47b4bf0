// The worker of the booth: it seals a ballot while the page stays alive. It has no network: the policy of the
// page is its own.

import type { SealJob } from "./sealing.ts";
import { sealed } from "./sealing_ballots.ts";

addEventListener("message", (event: MessageEvent<SealJob>): void => {
  postMessage(sealed(event.data));
});
