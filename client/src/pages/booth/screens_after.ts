// From the sealed ballot to the receipt.

import encodeQr from "qr";

import { toBase64url } from "../../core/octets.ts";
import { writeReceipt } from "../../core/receipt.ts";
import { type Child, download, h, qrPicture } from "../../dom/h.ts";
import {
  acting,
  alert,
  button,
  marksList,
  paragraph,
  type Room,
  type Screen,
  trackerBox,
} from "./elements.ts";
import { receiptFile, receiptLines } from "./receipt_file.ts";
import type { Looked, Opened, Problem, Receipt } from "./views.ts";

/** The paper is asked for: the request is put away, and goes out again after any interruption. */
export function asking({ flow, tongue }: Room, wrong: Problem | null): Screen {
  return {
    title: tongue.say("askingTitle"),
    body: [
      paragraph(tongue.say("askingHint")),
      wrong === null && h("progress", { "aria-label": tongue.say("askingTitle") }),
      alert(tongue, wrong),
      wrong !== null && acting(tongue.say("tryAgain"), () => flow.askForPaper()),
    ],
    step: 4,
  };
}

export function sealed(room: Room, tracker: string, resumed: boolean): Screen {
  const { flow, tongue } = room;
  const checking: readonly Child[] = resumed
    ? [button(tongue.say("markAnew"), () => flow.toMarks(), "second")]
    : [
        h("h2", {}, tongue.say("challenge")),
        paragraph(tongue.say("challengeHint")),
        acting(tongue.say("challenge"), () => flow.challenge(), "second"),
        button(tongue.say("back"), () => flow.toMarks(), "plain"),
      ];
  return {
    title: tongue.say("sealedTitle"),
    body: [
      resumed && h("p", { class: "notice" }, tongue.say("resumedHint")),
      !resumed && paragraph(tongue.say("sealedHint")),
      flow.keepsNothing && h("p", { class: "notice" }, tongue.say("keepsNothing")),
      flow.revoting && h("p", { class: "notice" }, tongue.say("earlierCounts")),
      trackerBox(tongue, tracker),
      acting(tongue.say("cast"), () => flow.cast()),
      ...checking,
      flow.revoting && button(tongue.say("keepEarlier"), () => flow.keepEarlier(), "plain"),
    ],
    step: 4,
  };
}

export function opened(room: Room, { tracker, choices, file, short }: Opened): Screen {
  const { flow, tongue, base } = room;
  const address = `${base}/check#${toBase64url(short)}`;
  const modules = encodeQr(new URL(address, location.href).href, "raw", { ecc: "low", border: 4 });
  return {
    title: tongue.say("openedTitle"),
    body: [
      paragraph(tongue.say("openedHint")),
      trackerBox(tongue, tracker),
      marksList(room, choices),
      qrPicture(modules, tongue.say("openedQr")),
      h("p", {}, h("a", elsewhere(address), tongue.say("openedLink"))),
      button(
        tongue.say("openedFile"),
        () => download(`check-${tracker}.json`, file, "application/json"),
        "second",
      ),
      acting(tongue.say("renew"), () => flow.seal()),
      button(tongue.say("back"), () => flow.toMarks(), "plain"),
    ],
    step: 4,
  };
}

export function casting({ flow, tongue }: Room, tries: number, wrong: Problem | null): Screen {
  return {
    title: tongue.say("castingTitle"),
    body: [
      paragraph(tongue.say("castingHint")),
      h("progress", { "aria-label": tongue.say("castingTitle") }),
      alert(tongue, wrong),
      tries > 1 && paragraph(tongue.say("castingTries", { n: tries })),
      wrong !== null && button(tongue.say("now"), () => flow.hurry(), "big"),
    ],
    step: 4,
  };
}

export function done(room: Room, receipt: Receipt, again: boolean, looked: Looked): Screen {
  const { flow, tongue, shared, look } = room;
  const written = receipt.signature === null ? null : textOf(room, receipt, receipt.signature);
  return {
    title: tongue.say("doneTitle"),
    body: [
      h("p", { class: "lead good" }, tongue.say("doneHint")),
      whatCameOfIt(room, looked),
      written === null && paragraph(tongue.say("doneLooked"), "notice"),
      trackerBox(tongue, receipt.tracker),
      paragraph(tongue.say("doneNothing")),
      shared && acting(tongue.say("nextVoter"), () => flow.wipe()),
      ...(written === null ? [] : keeping(room, receipt, written)),
      button(tongue.say("look"), look, "plain"),
      again && !shared && h("h2", {}, tongue.say("change")),
      again && !shared && paragraph(tongue.say("changeHint")),
      again && !shared && button(tongue.say("change"), () => flow.change(), "plain"),
      !shared && button(tongue.say("leave"), () => flow.leave(), "plain"),
    ],
    step: 5,
  };
}

/** After sealing the page has looked its own ballot up. */
function whatCameOfIt({ tongue }: Room, looked: Looked): Child {
  switch (looked.at) {
    case "board":
      return h(
        "p",
        { class: "good", id: "looked" },
        tongue.say("ownBoard", { i: looked.place, n: looked.size }),
      );
    case "missing":
    case "nowhere":
    case "box":
      return h("p", { class: "notice", role: "alert", id: "looked" }, tongue.say("ownMissing"));
    case "false":
      return h(
        "p",
        { class: "notice", role: "alert", id: "looked" },
        tongue.say("lookFalse", { check: looked.check }),
      );
    case "offline":
      return h("p", { class: "notice", id: "looked" }, tongue.say("ownOffline"));
    case "asking":
    case "unknown":
      return paragraph(tongue.say("ownLater"), "quiet");
  }
}

function textOf({ flow }: Room, receipt: Receipt, signature: Uint8Array): string {
  return writeReceipt({ manifest: flow.vote.manifest.hash, ...receipt, signature });
}

/** A link that leaves this page open: what stands on it is nowhere else. */
function elsewhere(href: string): { href: string; target: string; rel: string } {
  return { href, target: "_blank", rel: "noopener noreferrer" };
}

/** One page to print, save or copy: title, tracker, QR code, address, signature. */
function keeping(room: Room, receipt: Receipt, written: string): readonly Child[] {
  const { tongue } = room;
  const lines = receiptLines(room, receipt, written);
  const modules = encodeQr(written, "raw", { ecc: "medium", border: 4 });
  const said = h("p", { role: "status", class: "quiet" });
  const save = (): void => {
    download(`receipt-${receipt.tracker}.html`, receiptFile(tongue.language, lines, modules), "text/html");
    said.textContent = tongue.say(room.inside === null ? "savedHint" : "savedInside");
  };
  const printed = (): void => {
    print();
    said.textContent = tongue.say("printedHint");
  };
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(lines.map(([name, text]) => `${name}: ${text}`).join("\n"));
      said.textContent = tongue.say("copied");
    } catch {
      said.textContent = tongue.say("copyByHand");
    }
  };
  const facts = lines.map(([name, text]) =>
    h("div", {}, h("dt", {}, name), h("dd", { class: "mono hash" }, text)),
  );
  return [
    button(tongue.say("save"), save, "second"),
    button(tongue.say("print"), printed, "second"),
    button(tongue.say("copyReceipt"), copy, "second"),
    said,
    h("p", {}, h("a", elsewhere(`${room.base}/receipt`), tongue.say("receiptPage"))),
    h(
      "details",
      { class: "receipt" },
      h("summary", {}, tongue.say("receiptTitle")),
      paragraph(tongue.say("receiptHint")),
      qrPicture(modules, tongue.say("receiptQr")),
      h("dl", { class: "facts" }, ...facts),
    ),
  ];
}
