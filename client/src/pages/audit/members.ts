// The members in the verifier's report: who agreed on board and plan, and who was named absent
// (docs/protocol.md 11.4, 12.2).

import { type Child, h } from "../../dom/h.ts";
import type { Tongue } from "../../dom/languages.ts";
import type { Member, Report } from "../../verifier/verify.ts";

/** Who agreed and when (11.3), and who was named absent (12.2). */
export function committee({ cosigned, absent }: Report, tongue: Tongue): readonly Child[] {
  const names = (absent ?? []).map(named).join("; ");
  const when = ({ at = "" }: Member): string => at.replace("T", " ").replace("Z", " UTC");
  return [
    cosigned !== null && h("p", {}, tongue.say("cosigned")),
    cosigned !== null &&
      h("ul", { id: "cosigned" }, ...cosigned.map((each) => h("li", {}, `${named(each)}: ${when(each)}`))),
    absent !== null &&
      h(
        "p",
        { id: "absent", class: names === "" ? "" : "notice" },
        names === "" ? tongue.say("nobody") : tongue.say("absent", { names }),
      ),
  ];
}

function named({ trustee, name }: Member): string {
  return `${trustee}. ${name}`;
}
