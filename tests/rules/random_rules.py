"""Random rules with small fractions, as data: what is said about a rule is tried on them, in Python and in
the browser's twin.
"""

from __future__ import annotations

import copy
from random import Random
from typing import Any

from surveys.rules.preset import OPERATORS, Preset

IDS = ("high", "plain", "low", "fourth", "fifth")


def a_rule(
    *outcomes: dict[str, Any], levels: int = 3, watch: tuple[dict[str, Any], ...] = (), **changes: Any
) -> Preset:
    """A rule with these outcomes."""
    rule: Any = copy.deepcopy(Preset.load("grading").as_json())
    rule["levels"] = [{"id": id, "vi": f"mức {id}", "en": f"{id} level"} for id in IDS[:levels]]
    return Preset.from_json({**rule, "outcomes": list(outcomes), "watch": list(watch), **changes})


def an_outcome(id: str, *conditions: tuple[Any, ...]) -> dict[str, Any]:
    """An outcome; a condition is (level, op, of, times) or (level, op, of, times, year)."""
    return {
        "id": id,
        "vi": f"Hệ quả {id}",
        "en": f"Outcome {id}",
        "source": {"vi": "nguồn", "en": "source"},
        "all": [
            {"level": level, "op": op, "of": of, "times": times, "year": year[0] if year else "this"}
            for level, op, of, times, *year in conditions
        ],
    }


def random_rule(seed: int, *, most_times: int = 4, levels: int | None = None, last: bool = True) -> Preset:
    """A rule drawn from a seed: up to four outcomes and a flag, up to three conditions each; some of them
    make no sense.
    """
    draw = Random(seed)
    levels = levels or draw.randint(2, 3)

    def condition() -> tuple[Any, ...]:
        times = draw.randint(1, most_times)
        year = "last" if last and draw.random() < 0.25 else "this"
        return (
            IDS[draw.randrange(levels)],
            draw.choice(OPERATORS),
            draw.randint(1, times + (draw.random() < 0.1)),
            times,
            year,
        )

    made = [
        an_outcome(f"x{i}", *(condition() for _ in range(draw.choice((1, 1, 2, 2, 3)))))
        for i in range(draw.randint(1, 5))
    ]
    return a_rule(
        *made[:-1], levels=levels, watch=(made[-1],), denominator=draw.choice(("returned", "summoned"))
    )


def bands(seed: int) -> Preset:
    """A rule whose outcomes are ranges of one level each, some of them touching, some apart, some over each
    other.
    """
    draw = Random(seed)
    shares = [(1, 6), (1, 5), (1, 4), (1, 3), (2, 5), (1, 2), (3, 5), (2, 3), (3, 4), (4, 5), (5, 6), (1, 1)]

    def band(i: int) -> dict[str, Any]:
        level = IDS[draw.randrange(2)]
        first = draw.randrange(len(shares) - 2)
        low, high = shares[first], shares[first + draw.randint(1, 2)]
        ends = [(level, draw.choice((">", ">=")), *low), (level, draw.choice(("<", "<=")), *high)]
        return an_outcome(f"x{i}", *draw.choice((ends, ends, ends, ends[:1], ends[1:])))

    return a_rule(*(band(i) for i in range(draw.randint(2, 4))), levels=2)
