// One voter's whole way in Firefox, driven over WebDriver BiDi: node tests/firefox.ts FIREFOX BOOTH CODE.
// Prints the tracker.

import puppeteer from "puppeteer-core";

const [executablePath = "", booth = "", code = ""] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
try {
  const page = await browser.newPage();
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(String(error)));
  await page.setViewport({ width: 360, height: 740 });
  await page.goto(`${booth}?lang=en#${code}`);
  // For half a second after a screen has changed nothing reacts (dom/guard.ts).
  const sees = (title: string): Promise<unknown> =>
    page.waitForFunction(
      (wanted) =>
        document.querySelector("h1")?.textContent === wanted &&
        document.querySelector("main[data-quiet]") === null,
      { timeout: 90_000 },
      title,
    );
  await sees("Your slip is good");
  await page.click("button.big");
  await sees("Ballot");
  await page.click("label[for=row-0-1]");
  await page.click("label[for=row-2-3]");
  await page.click("button.big");
  await sees("Review your ballot");
  await page.click("button.big");
  await sees("Encrypted, not yet in the box");
  await page.click("button.second");
  await sees("Ballot laid open for checking");
  await page.click("button.big");
  await sees("Encrypted, not yet in the box");
  await page.click("button.big");
  await sees("You have voted");
  await page.goto(`${booth}?lang=en`);
  await sees("Enter the code on your slip");
  await page.type("#code", code);
  await page.keyboard.press("Enter");
  await sees("You have voted");
  const tracker = await page.$eval(".tracker strong", (element) => element.textContent);
  if (troubles.length > 0) throw new Error(troubles.join("\n"));
  console.log(tracker);
} finally {
  await browser.close();
}
