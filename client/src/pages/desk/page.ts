// What the desk's pages need beyond HTML: passkeys, live progress, a copy button. Every page works without it, but for passkeys.

import { copyable } from "./copy.ts";
import { passkeys } from "./passkey.ts";
import { progress } from "./progress.ts";

passkeys(document);
progress(document);
copyable(document);
