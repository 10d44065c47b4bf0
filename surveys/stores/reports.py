"""Self-reports: a leader's PDF is written anew with what its pages show and nothing else of the file.

The rewriting runs in a process of its own within limits (`report_child`). Danger: a parser that meets a
hostile file must not be the server's; and the program that draws fonts and pictures is still the reader's
own, so this is no promise that a viewer with a hole is safe.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from surveys.errors import SurveysError

CHILD = Path(__file__).with_name("report_child.py")
MOST_BYTES = 15_000_000
MOST_SECONDS = 40


class NotAReport(SurveysError):
    """The file is no PDF that can be read, or too large."""


def rewritten(raw: bytes) -> bytes:
    """The same pages without scripts, actions, attachments, forms, links, layers or what says who made them.

    Stores nothing; the same file gives the same bytes. Raises NotAReport, also for one that is encrypted,
    takes too long, or has more than 300 pages.
    """
    if not raw.startswith(b"%PDF-") or len(raw) > MOST_BYTES:
        raise NotAReport(f"not a PDF of at most {MOST_BYTES} bytes")
    try:
        done = subprocess.run(  # noqa: S603  (our own program, by its path)
            [sys.executable, "-I", str(CHILD)],
            input=raw,
            capture_output=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotAReport(f"not read within {MOST_SECONDS} seconds") from None
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NotAReport(said[-1] if said else f"exit status {done.returncode}")
    if len(done.stdout) > MOST_BYTES:
        raise NotAReport(f"written anew it has more than {MOST_BYTES} bytes")
    return done.stdout
