// The verifier in a browser: coordinator or hand, as it is told (docs/protocol.md §14). It has the file and
// no network: the page's policy is its own.
//
// Danger: a hand that breaks must not look like one that found nothing. Every job is answered or ends the
// verification without a verdict.

import { hex } from "../verifier/bytes.ts";
import { sha256 } from "../verifier/hashing.ts";
import { Interrupted, verify } from "../verifier/verify.ts";
import type { Source } from "../verifier/zip.ts";
import type { Said, Task } from "./auditing.ts";
import { serve, together } from "./hands.ts";

/** A file of the platform, read as pieces are asked for. */
function sourceOf(bundle: Blob): Source {
  const reader = new FileReaderSync();
  return {
    size: bundle.size,
    read: (at, length) => {
      try {
        return new Uint8Array(reader.readAsArrayBuffer(bundle.slice(at, at + length)));
      } catch (error) {
        throw new Interrupted(`the file cannot be read any more (${String(error)})`);
      }
    },
  };
}

const PIECE = 1 << 20;

function hashOf(source: Source): string {
  const hash = sha256.create();
  for (let at = 0; at < source.size; at += PIECE)
    hash.update(source.read(at, Math.min(PIECE, source.size - at)));
  return hex(hash.digest());
}

function say(said: Said): void {
  postMessage(said);
}

const EVERY = 100;

/** One verification. */
interface Run {
  stopped: boolean;
}

async function coordinate(bundle: Blob, ports: readonly MessagePort[], run: Run): Promise<void> {
  const source = sourceOf(bundle);
  let last = 0;
  const stillWanted = (): void => {
    if (run.stopped) throw new Interrupted("stopped");
  };
  const progress = (check: string, done: number, total: number): void => {
    stillWanted();
    const now = Date.now();
    if (now - last < EVERY) return;
    last = now;
    say({ kind: "progress", check, done, total });
  };
  const report = await verify(source, {
    labour: together(ports, stillWanted),
    progress,
    onFinding: (finding) => !run.stopped && say({ kind: "finding", finding }),
  });
  if (!run.stopped) say({ kind: "report", report, sha256: hashOf(source) });
  for (const port of ports) port.close();
}

function hashFor(file: Blob): void {
  try {
    say({ kind: "hash", sha256: hashOf(sourceOf(file)) });
  } catch (error) {
    say({ kind: "broken", why: String(error) });
  }
}

let last: Run = { stopped: true };

self.onmessage = (event: MessageEvent<Task>): void => {
  const task = event.data;
  if (task.be === "hand") {
    serve(task.port);
    return;
  }
  if (task.be === "hasher") {
    hashFor(task.file);
    return;
  }
  // One verification at a time: whatever ran before is not wanted any more.
  last.stopped = true;
  if (task.be === "stopped") return;
  const run: Run = { stopped: false };
  last = run;
  coordinate(task.bundle, task.hands, run).catch((error: unknown) => {
    if (!run.stopped) say({ kind: "broken", why: String(error) });
  });
};
