// Hasty hands on the desk's pages: a form is sent once, and what cannot be taken back (`.danger`) is not
// pressed by the tap that has opened its page. What breaks unforeseen is said, with what is kept.

import { h } from "../../dom/h.ts";
import { onFailure } from "../../dom/starting.ts";

const QUIET = 500;
/** A form whose answer is a file leaves the page as it is, and can be sent again. */
const ONCE = 2000;

const WORDS: Record<string, readonly [string, string]> = {
  vi: [
    "Một phần của trang gặp lỗi. Những gì đã lưu vẫn còn; những gì đang gõ chưa được gửi.",
    "Tải lại trang và thử lại",
  ],
  en: [
    "A part of this page has failed. What was stored is kept; what you are typing was not sent.",
    "Load the page again and try again",
  ],
};

export function calm(page: Document): void {
  quietAtFirst(page);
  sentOnce(page);
  onFailure(() => tell(page));
}

function quietAtFirst(page: Document): void {
  const main = page.querySelector("main");
  if (main?.querySelector(".danger") == null) return;
  let quiet = true;
  main.setAttribute("data-quiet", "");
  setTimeout(() => {
    quiet = false;
    main.removeAttribute("data-quiet");
  }, QUIET);
  const refuse = (event: Event): void => {
    if (!quiet || (event.target as Element).closest(".danger") === null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  page.addEventListener("click", refuse, { capture: true });
}

function sentOnce(page: Document): void {
  const sent = new WeakMap<EventTarget, number>();
  page.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method !== "post") return;
    const now = performance.now();
    if (now - (sent.get(form) ?? Number.NEGATIVE_INFINITY) < ONCE) event.preventDefault();
    else sent.set(form, now);
  });
}

/** Said once a page. */
export function tell(page: Document): void {
  if (page.getElementById("failed") !== null) return;
  const [text, again] = WORDS[page.documentElement.lang] ?? (WORDS["en"] as readonly [string, string]);
  const button = h(
    "button",
    { type: "button", class: "quiet-button", onclick: () => location.reload() },
    again,
  );
  page
    .querySelector("main")
    ?.prepend(h("div", { class: "notice notice-wrong", role: "alert", id: "failed" }, `${text} `, button));
}
