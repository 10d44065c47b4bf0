"""What the run has found, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tests.mutants.excuses import excuse
from tests.mutants.running import KILLED, TIMED_OUT, Placed

ENOUGH = 90  # of a hundred that can be noticed


def enough(some: Sequence[Placed], known: Mapping[str, str]) -> bool:
    """Nine in ten of the mutants without an excuse are noticed."""
    tried = [known[one.id] for one in some if not excuse(one)]
    return 100 * sum(verdict in (KILLED, TIMED_OUT) for verdict in tried) >= ENOUGH * len(tried)


def written(drawn: Mapping[str, Sequence[Placed]], known: Mapping[str, str], seed: int) -> str:
    """A line for each place and module, then every survivor."""
    lines = [f"seed {seed}"]
    for place, some in drawn.items():
        lines.append(_counted(place, some, known))
        modules = sorted({one.module for one in some})
        if modules != [place]:
            lines += [
                _counted(f"  {name}", [one for one in some if one.module == name], known) for name in modules
            ]
    alive = [one for some in drawn.values() for one in some if known.get(one.id) not in (KILLED, TIMED_OUT)]
    for one in sorted(alive, key=lambda one: (one.module, one.mutant.line)):
        reason = excuse(one)
        verdict = f"equivalent ({reason.why})" if reason else known[one.id]
        lines.append(f"{one}: {verdict}")
    return "\n".join(lines)


def _counted(name: str, some: Sequence[Placed], known: Mapping[str, str]) -> str:
    by = Counter("equivalent" if excuse(one) else known[one.id] for one in some)
    noticed, tried = by[KILLED] + by[TIMED_OUT], len(some) - by["equivalent"]
    rest = ", ".join(f"{number} {verdict}" for verdict, number in sorted(by.items()))
    return f"{name}: {noticed} of {tried} noticed ({100 * noticed / max(1, tried):.0f} %): {rest}"
