"""`make model`: every query of docs/model, and every weakened twin, asked of ProVerif. `--table` prints the
threat model's table.

Ends with status 1 where a verdict is not the declared one, and with 2, and a loud word, where there is no
ProVerif.
"""

from __future__ import annotations

import sys
import time

from tests.model.declared import Model, Verdict, models
from tests.model.prover import ask, prover
from tests.model.table import limits, rows

WORDS = {Verdict.PROVED: "proved", Verdict.FOUND: "found", Verdict.UNKNOWN: "UNKNOWN"}


def _check(model: Model) -> int:
    print(f"{model.name}: {model.title}")
    wrong = 0
    verdicts = ask(model)
    for query in model.queries:
        good = verdicts[query.name] is query.expected
        wrong += not good
        print(f"  {'ok   ' if good else 'WRONG'} {query.kind:8} {query.name}: {WORDS[verdicts[query.name]]}")
    for variant in model.variants:
        turned = ask(model, variant)
        for name, expected in variant.turns.items():
            good = turned[name] is expected
            wrong += not good
            print(
                f"  {'ok   ' if good else 'WRONG'} {variant.kind:8} {variant.name} on {name}: "
                f"{WORDS[turned[name]]}"
            )
    return wrong


def main() -> int:
    """Ask everything, print everything, count what is not as declared."""
    if sys.argv[1:] == ["--table"]:
        print("\n".join([*rows(), "", *(f"- {where}: {what}." for where, what in limits())]))
        return 0
    if prover() is None:
        print(
            "NOTHING WAS CHECKED: ProVerif is not on the path (https://proverif.inria.fr, 2.05)",
            file=sys.stderr,
        )
        return 2
    began = time.monotonic()
    wrong = sum(_check(model) for model in models())
    print(f"{wrong} verdicts are not as declared; {time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
