// How long the second verifier takes with one hand: `node tests/verifier_speed.ts BUNDLE` prints the checks
// that take more than a twentieth of a second.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { verify } from "../src/verifier/verify.ts";

const path = process.argv[2];
if (path === undefined) throw new Error("which bundle?");
const file = openSync(path, "r");
const source = {
  size: fstatSync(file).size,
  read: (at: number, length: number) => {
    const raw = new Uint8Array(length);
    readSync(file, raw, 0, length, at);
    return raw;
  },
};
const began = performance.now();
let last = began;
const report = await verify(source, {
  onFinding: ({ check }) => {
    const now = performance.now();
    if (now - last > 50) console.log(`${check.padStart(5)} ${((now - last) / 1000).toFixed(2)} s`);
    last = now;
  },
});
closeSync(file);
const { user } = process.cpuUsage();
console.log(
  `${report.good ? "good" : "not good"}, ${report.ballots} ballots, ` +
    `${((performance.now() - began) / 1000).toFixed(1)} s, ${(user / 1e6).toFixed(1)} s of processor ` +
    `time, ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
);
