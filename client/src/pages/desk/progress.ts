// A live bar for work in the background: looks at the job's address until it has ended, then loads the page
// again. Without a script the page says how far the work is each time it is loaded.

import { tell } from "./hands.ts";

const PAUSE = 700;
/** Whoever has just followed a link is not called back by loading this page again; a download, which leaves
 * nothing, holds it up no longer than this (milliseconds). */
const LEAVING = 20_000;

let left = Number.NEGATIVE_INFINITY;

interface Job {
  readonly standing: string;
  readonly words: string;
  readonly done: number;
  readonly total: number;
}

/** Keep every bar of the page alive. */
export function progress(page: Document): void {
  addEventListener("beforeunload", () => {
    left = performance.now();
  });
  for (const bar of page.querySelectorAll<HTMLElement>("[data-job]")) void follow(bar);
}

async function follow(bar: HTMLElement): Promise<void> {
  const address = bar.dataset["job"] ?? "";
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) return tell(document);
      const job = (await answer.json()) as Job;
      if (job.standing === "waiting" || job.standing === "running") show(bar, job);
      else if (performance.now() - left > LEAVING) return location.reload();
    } catch {
      // The network is away: the work goes on, and so does the looking.
    }
  }
}

function show(bar: HTMLElement, job: Job): void {
  const drawn = bar.querySelector("progress");
  const words = bar.querySelector("[data-words]");
  if (drawn !== null) {
    if (job.total > 0) {
      drawn.max = job.total;
      drawn.value = job.done;
    } else {
      drawn.removeAttribute("value");
    }
  }
  if (words !== null && words.textContent !== job.words) words.textContent = job.words;
}
