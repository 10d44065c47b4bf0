"""One target in a process of its own, whose modules are instrumented before they are loaded: `python -m
tests.fuzz.one TARGET SECONDS`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

ROOMS = ["surveys.audit", "surveys.organisation", "surveys.protocol", "surveys.spreadsheets"]
with atheris.instrument_imports(include=ROOMS):
    from tests.fuzz.targets import TARGETS

FOUND = Path(__file__).resolve().parents[2] / "build" / "fuzz"


def main(name: str, seconds: str) -> None:
    """Ends with the process: status 0 where nothing was found."""
    target = TARGETS[name]()
    corpus = FOUND / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    atheris.Setup(
        [
            sys.argv[0],
            str(corpus),
            f"-max_total_time={seconds}",
            "-rss_limit_mb=3000",
            "-timeout=20",
            "-max_len=200000",
            f"-artifact_prefix={FOUND / name}/",
            "-print_final_stats=1",
            "-verbosity=0",
        ],
        target.run,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
