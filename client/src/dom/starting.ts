// A page that starts, and what it does when something unforeseen happens: never a blank page, never an
// endless wait.

/** The server's name for a personal link that is wrong or has ended. */
export const UNKNOWN_LINK = "NoSuchLink";

/** The script runs: the sentence that the page carries for the other case goes. */
export function started(): void {
  document.getElementById("unstarted")?.remove();
}

/**
 * Every error and rejected promise that nobody foresaw. Told once a second at most: an error on a screen of
 * errors must not spin.
 */
export function onFailure(tell: (error: unknown) => void): void {
  let last = Number.NEGATIVE_INFINITY;
  const once = (error: unknown): void => {
    const now = performance.now();
    if (now - last < 1000) return;
    last = now;
    tell(error);
  };
  addEventListener("error", (event) => {
    if (event instanceof ErrorEvent) once(event.error);
  });
  addEventListener("unhandledrejection", (event) => once(event.reason));
}

/**
 * The fragment of the address, as it was meant, without what a sentence has put behind it; it is taken out of
 * the address at once (docs/protocol.md 8.12).
 */
export function takeFragment(): string {
  const raw = location.hash.slice(1);
  if (location.hash !== "" || location.href.endsWith("#")) {
    history.replaceState(null, "", location.pathname + location.search);
  }
  return unencoded(raw).replace(/[\s.,;:!?)\]>"'”’]+$/u, "");
}

/**
 * The token of a personal link. It is taken out of the address, and held by this tab alone
 * (docs/protocol.md 16), so that the page can be loaded again; "" where there is none. A link that is opened
 * over another one begins anew; one that the server does not know is to be forgotten.
 */
export function takePersonalToken(place: string): { readonly token: string; readonly forget: () => void } {
  const name = `tn-link ${place}`;
  const drawer = keptDrawer("sessionStorage");
  const take = (): string => {
    const given = takeFragment();
    if (given !== "") drawer?.setItem(name, given);
    return given;
  };
  addEventListener("hashchange", () => {
    if (take() !== "" && drawer !== null) location.reload();
  });
  const token = take() || (drawer?.getItem(name) ?? "");
  return { token, forget: () => drawer?.removeItem(name) };
}

function unencoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw; // a % that encodes nothing
  }
}

/** A drawer of the browser that keeps what is put in, or null. */
export function keptDrawer(of: "localStorage" | "sessionStorage"): Storage | null {
  try {
    const held = window[of];
    held.setItem("tn-try", "1");
    const kept = held.getItem("tn-try") === "1";
    held.removeItem("tn-try");
    return kept ? held : null;
  } catch {
    return null;
  }
}
