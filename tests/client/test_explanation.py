"""A rule is explained by the desk's page as by the server: the shared cases, and random rules with numbers of
any size.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from random import Random
from typing import Any

from surveys.rules.doubts import doubts
from surveys.rules.explanation import explain
from surveys.rules.preset import OPERATORS, Preset
from tests.client.node import node
from tests.rules.random_rules import IDS, a_rule, an_outcome, bands, random_rule
from tests.rules.test_explanation import CASES, rule_of

TEST = "tests/explanation.test.ts"


def _case(why: str, preset: Preset, n: int) -> dict[str, Any]:
    return {
        "why": why,
        "rule": preset.as_json(),
        "n": n,
        "explanation": dataclasses.asdict(explain(preset, n)),
        "doubts": [dataclasses.asdict(each) for each in doubts(preset)],
    }


def _large(seed: int) -> Preset:
    """Thresholds whose common multiple has dozens of digits, on five levels."""
    draw = Random(seed)
    return a_rule(
        *(
            an_outcome(
                f"x{i}",
                *(
                    (
                        draw.choice(IDS),
                        draw.choice(OPERATORS),
                        draw.randint(1, 999),
                        draw.randint(700, 1000),
                        draw.choice(("this", "last")),
                    )
                    for _ in range(draw.randint(1, 4))
                ),
            )
            for i in range(draw.randint(1, 8))
        ),
        levels=5,
    )


def _run(folder: Path, cases: list[dict[str, Any]]) -> tuple[int, str]:
    path = folder / "cases.json"
    path.write_text(json.dumps(cases), "utf-8")
    done = node("--test", "--test-reporter=tap", TEST, CASES=str(path))
    return done.returncode, done.stdout + done.stderr


def test_the_page_explains_a_rule_as_the_server_does(tmp_path: Path) -> None:
    shared = [{**case, "rule": rule_of(case).as_json()} for case in CASES]
    random = [
        *(_case(f"random {seed}", random_rule(seed, most_times=9), 1 + seed * 7) for seed in range(150)),
        *(_case(f"bands {seed}", bands(seed), 60) for seed in range(50)),
        *(_case(f"large {seed}", _large(seed), 10**7 - seed) for seed in range(40)),
    ]
    code, said = _run(tmp_path, [*shared, *random])
    assert code == 0, said[-4000:]
    assert f"# pass {len(shared) + len(random) + 1}" in said


def test_a_page_that_explains_otherwise_is_seen(tmp_path: Path) -> None:
    case = _case("one count is wrong", Preset.load("qd96-2023"), 100)
    case["explanation"]["outcomes"][0]["spans"][0]["ranges"] = [[50, 66]]
    code, said = _run(tmp_path, [case])
    assert code == 1
    assert "# fail 1" in said
