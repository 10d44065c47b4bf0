// Inside which program a page runs. Some messengers open links in a view of their own, whose storage vanishes
// with it.

const MESSENGERS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/Zalo/i, "Zalo"],
  [/MessengerForiOS|Orca-Android|FB_IAB\/Orca|FBAN\/Messenger/i, "Messenger"],
  [/FBAN|FBAV|FB_IAB/i, "Facebook"],
  [/Instagram/i, "Instagram"],
  [/Viber/i, "Viber"],
  [/\bLine\//i, "Line"],
  [/TikTok|musical_ly|BytedanceWebview/i, "TikTok"],
  [/Telegram/i, "Telegram"],
  [/MicroMessenger/i, "WeChat"],
];

/** The name of the messenger, "WebView" for a view of some other app, null for a browser. */
export function insideOf(agent: string): string | null {
  const known = MESSENGERS.find(([pattern]) => pattern.test(agent));
  if (known !== undefined) return known[1];
  if (/; wv\)/.test(agent)) return "WebView";
  // An app on iOS shows pages without saying Safari; every browser there says it.
  if (/iPhone|iPad|iPod/.test(agent) && /AppleWebKit/.test(agent) && !/Safari\//.test(agent))
    return "WebView";
  return null;
}
