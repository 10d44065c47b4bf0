// What is to be handed on (a link that is shown once) gets a button that copies it.

import { h } from "../../dom/h.ts";

const WORDS: Record<string, readonly [string, string]> = {
  vi: ["Sao chép", "Đã sao chép"],
  en: ["Copy", "Copied"],
};

/** Put a button after everything that is marked for copying. */
export function copyable(page: Document): void {
  if (navigator.clipboard === undefined) return;
  const [copy, copied] = WORDS[page.documentElement.lang] ?? ["Copy", "Copied"];
  for (const each of page.querySelectorAll<HTMLElement>("[data-copy]")) {
    const button = h("button", { type: "button", class: "quiet-button small" }, copy);
    button.addEventListener("click", () => {
      void navigator.clipboard.writeText(each.textContent ?? "").then(() => {
        button.textContent = copied;
      });
    });
    each.after(" ", button);
  }
}
