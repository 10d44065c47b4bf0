// What stands around every screen of the booth: the vote and the time that is left, and what experts compare.

import { toHex } from "../../core/octets.ts";
import { h } from "../../dom/h.ts";
import type { Tongue } from "../../dom/languages.ts";
import type { Flow } from "./flow.ts";

export function voteTitle(flow: Flow, tongue: Tongue): string {
  if (!flow.vote.loaded) return "Tín Nhiệm";
  const { terms } = flow.vote.manifest.definition;
  return tongue.both({ vi: terms.titleVi, en: terms.titleEn });
}

export function voteLine(flow: Flow, tongue: Tongue): HTMLElement {
  const left = flow.vote.loaded ? timeLeft(flow, tongue) : "";
  return h("p", { class: "vote" }, h("strong", {}, voteTitle(flow, tongue)), left === "" ? "" : ` · ${left}`);
}

/** By the server's clock and the server's state: a phone's clock may be wrong by years. */
function timeLeft(flow: Flow, tongue: Tongue): string {
  const { clock } = flow.vote;
  const state = clock.polls?.polls;
  if (state === "shut" || state === "sealed") return tongue.say("closed");
  const milliseconds = clock.left(flow.vote.closes);
  if (milliseconds === null) return "";
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes >= 2880)
    return tongue.say("timeLeft", { time: tongue.say("days", { n: Math.floor(minutes / 1440) }) });
  if (minutes >= 120)
    return tongue.say("timeLeft", { time: tongue.say("hours", { n: Math.floor(minutes / 60) }) });
  return tongue.say("timeLeft", { time: tongue.say("minutes", { n: minutes }) });
}

/** What lets a voter compare this page with the slip and with other voters' pages. */
export function facts(flow: Flow, tongue: Tongue, clients: readonly string[]): HTMLElement {
  const hash = flow.vote.loaded ? toHex(flow.vote.manifest.hash) : "";
  return h(
    "footer",
    { class: "facts-foot" },
    h(
      "details",
      {},
      h("summary", {}, tongue.say("experts")),
      hash !== "" && h("p", {}, `${tongue.say("manifestHash")}: `, h("span", { class: "mono hash" }, hash)),
      h("p", {}, `${tongue.say("software")}: `, h("span", { class: "mono hash" }, clients.join(" "))),
    ),
  );
}
