// The slip before the camera: a code that is scanned inside the page is in no history of the browser
// (docs/protocol.md 8.12).

import { readCode } from "../../core/codes.ts";
import { Scanner } from "../../dom/camera.ts";
import { h } from "../../dom/h.ts";
import type { Tongue } from "../../dom/languages.ts";
import { paragraph, type Screen } from "./elements.ts";

/**
 * What a slip's QR code holds: an address with the code in its fragment, or the code alone; null for any
 * other text.
 */
export function codeIn(text: string): string | null {
  const at = text.lastIndexOf("#");
  const candidate = text.slice(at + 1).trim();
  try {
    readCode(candidate);
    return candidate;
  } catch {
    return null;
  }
}

export function scanScreen(
  tongue: () => Tongue,
  decoder: string,
  then: { readonly found: (code: string) => void; readonly close: () => void },
): { readonly screen: () => Screen; readonly stop: () => void } {
  const video = h("video", { class: "camera", muted: true });
  video.muted = true;
  const scanner = new Scanner(video);
  const said = h("p", { role: "status", id: "scanned" });
  const take = (text: string): boolean => {
    const code = codeIn(text);
    if (code === null) said.textContent = tongue().say("scanStrange");
    else then.found(code);
    return code !== null;
  };
  void scanner.watch(take, decoder).catch(() => (said.textContent = tongue().say("scanNoCamera")));
  const screen = (): Screen => {
    video.setAttribute("aria-label", tongue().say("scanVideo"));
    const back = h(
      "button",
      { type: "button", class: "second", onclick: then.close },
      tongue().say("scanBack"),
    );
    return {
      title: tongue().say("scanTitle"),
      body: [paragraph(tongue().say("scanHint")), video, said, back],
      step: 1,
    };
  };
  return { screen, stop: () => scanner.stop() };
}
