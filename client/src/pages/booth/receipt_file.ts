// The receipt as one page that can be kept, shown and judged without this site (docs/protocol.md 9.5).

import { fromText, type Octets, toHex } from "../../core/octets.ts";
import type { Room } from "./elements.ts";
import type { Receipt } from "./views.ts";

export type Line = readonly [name: string, text: string];

/** What stands on a receipt, in the reader's language. */
export function receiptLines(
  { flow, tongue, base }: Room,
  receipt: Receipt,
  written: string,
): readonly Line[] {
  const { manifest } = flow.vote;
  const { terms } = manifest.definition;
  return [
    [tongue.say("receiptVote"), tongue.both({ vi: terms.titleVi, en: terms.titleEn })],
    [tongue.say("tracker"), receipt.tracker],
    [tongue.say("receiptWhere"), new URL(`${base}/receipt`, location.href).href],
    [tongue.say("manifestHash"), toHex(manifest.hash)],
    [tongue.say("receiptSign"), receipt.signature === null ? "" : toHex(receipt.signature)],
    [tongue.say("receiptText"), written],
  ];
}

/** An HTML page without a script, a style from elsewhere or an address that is loaded. */
export function receiptFile(
  language: string,
  lines: readonly Line[],
  modules: readonly (readonly boolean[])[],
): Octets {
  const [title] = lines;
  const rows = lines.map(([name, text]) => `<dt>${escaped(name)}</dt><dd>${escaped(text)}</dd>`).join("\n");
  const dark = modules
    .flatMap((row, y) => row.flatMap((is, x) => (is ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join("");
  return fromText(`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title?.[1] ?? "")}</title>
<style>body{font:1.1rem/1.5 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}dt{font-weight:bold}
dd{margin:0 0 1rem;overflow-wrap:anywhere}svg{width:16rem;max-width:100%}</style>
</head>
<body>
<h1>${escaped(title?.[1] ?? "")}</h1>
<svg viewBox="0 0 ${modules.length} ${modules.length}" shape-rendering="crispEdges"><path d="${dark}"/></svg>
<dl>
${rows}
</dl>
</body>
</html>
`);
}

function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (sign) => names[sign] as string);
}
