"""Paper in, PDF out (docs/protocol.md 13.7): the same paper gives the same bytes, whenever and wherever it is
set.

Danger: the bytes are compared by hash, for years. They depend on the template, on typst (pinned to
one version in pyproject.toml), on Tinos (pinned by hash in client/package-lock.json) and on nothing else: no
clock, no path, no locale, no font of the machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from surveys.papers.typeset.papers import Paper
from surveys.results.errors import TypesettingFailed
from surveys.shipped import STATIC

CHILD = Path(__file__).with_name("child.py")
FACES = STATIC / "build" / "fonts"
MOST_SECONDS = 600


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """Where somebody signs: `role` as the template names it in English, `label` with the person's name, and
    the top of the empty place above the name, centred, in points from the upper left corner of a page (from
    1).
    """

    role: str
    label: str
    page: int
    x: float
    y: float


def typeset(paper: Paper) -> bytes:
    """The PDF. Stores nothing; may be repeated. Raises TypesettingFailed, also where it takes longer than
    MOST_SECONDS.
    """
    made = _ask(paper, None)
    if not made.startswith(b"%PDF-"):
        raise TypesettingFailed("no PDF")
    return made


def signature_lines(paper: Paper) -> tuple[SignatureLine, ...]:
    """The lines that this paper leaves for signatures, in their order. Raises as `typeset`."""
    found = json.loads(_ask(paper, "<signature>"))
    return tuple(
        SignatureLine(each["role"], each["label"], at["page"], _points(at["x"]), _points(at["y"]))
        for each in found
        for at in [each["at"]]
    )


def _points(length: str) -> float:
    return float(length.removesuffix("pt"))


def _ask(paper: Paper, query: str | None) -> bytes:
    request = {
        "fonts": str(FACES),
        "created": int(paper.created.timestamp()),
        "sheet": asdict(paper.sheet),
        "query": query,
    }
    try:
        done = subprocess.run(  # noqa: S603  (our own program, by its path)
            [sys.executable, "-I", str(CHILD)],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TypesettingFailed(type(error).__name__) from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise TypesettingFailed(said[-1][:500] if said else f"exit status {done.returncode}")
    return done.stdout


def fingerprint(pdf: bytes) -> bytes:
    """What minutes.json names (13.4): SHA-256."""
    return sha256(pdf).digest()
