// What the desk's pages need beyond HTML: passkeys, live progress, a copy button, a rule explained while it
// is edited. Every page works without it, but for passkeys.

import { copyable } from "./copy.ts";
import { calm } from "./hands.ts";
import { passkeys } from "./passkey.ts";
import { progress } from "./progress.ts";
import { liveRules } from "./rule.ts";

calm(document);
passkeys(document);
progress(document);
copyable(document);
liveRules(document);
// What needs correcting may stand far down a page: it is where the reader goes first, unless they have begun
// to write already.
if (document.activeElement === document.body) document.getElementById("errors")?.focus();
