// A voter goes as far as a step in Firefox, which is then killed; its profile is searched afterwards
// (tests/journeys/test_profiles.py): node tests/firefox_killed.ts FIREFOX BOOTH CODE STEP PROFILE.

import { stat } from "node:fs/promises";
import { join } from "node:path";

import puppeteer from "puppeteer-core";

const [executablePath = "", booth = "", code = "", step = "", profile = ""] = process.argv.slice(2);
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath,
  headless: true,
  userDataDir: profile,
  // It writes its session down every fifteen seconds otherwise.
  extraPrefsFirefox: { "browser.sessionstore.interval": 500 },
});
const page = await browser.newPage();
await page.goto(`${booth}?lang=en`);
const opened = Date.now();
const sees = (title: string): Promise<unknown> =>
  page.waitForFunction(
    (wanted) =>
      document.querySelector("h1")?.textContent === wanted &&
      document.querySelector("main[data-quiet]") === null,
    { timeout: 90_000 },
    title,
  );
await sees("Enter the code on your slip");
await page.type("#code", code);
await page.keyboard.press("Enter");
const ways: readonly (readonly [name: string, title: string])[] = [
  ["welcome", "Your slip is good"],
  ["marking", "Ballot"],
  ["review", "Review your ballot"],
  ["sealed", "Encrypted, not yet in the box"],
  ["done", "You have voted"],
];
for (const [name, title] of ways) {
  await sees(title);
  if (name === "marking") await page.click("label[for=row-0-1]");
  if (name === step) break;
  await page.click("button.big");
}
// Storage is written down after five seconds; the session, on a busy machine, later.
const pause = (milliseconds: number): Promise<unknown> =>
  new Promise((done) => setTimeout(done, milliseconds));
await pause(7_000);
const session = join(profile, "sessionstore-backups", "recovery.jsonlz4");
const told = async (): Promise<boolean> => {
  const written = await stat(session).catch(() => null);
  return written !== null && written.mtimeMs > opened;
};
for (let second = 0; second < 60 && !(await told()); second += 1) await pause(1_000);
browser.process()?.kill("SIGKILL");
process.exit(0);
