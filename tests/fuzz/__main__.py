"""Fuzz one target after the other with atheris, guided by what of the code has run: `python -m tests.fuzz
[SECONDS [TARGET…]]`.

atheris is no part of the locked tools, for it has wheels for Linux on x86-64 only: `pip install atheris`.
Where it is missing this says so and fails. What a target raises ends the run with the bytes in
build/fuzz/TARGET/.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.fuzz.targets import TARGETS


def main() -> int:
    """The number of targets in which something was found."""
    try:
        import atheris  # noqa: F401
    except ImportError:
        sys.stderr.write("atheris is not installed, nothing was fuzzed: pip install atheris\n")
        return 1
    seconds = sys.argv[1] if len(sys.argv) > 1 else "60"
    wrong = 0
    for name in sys.argv[2:] or TARGETS:
        done = subprocess.run([sys.executable, "-m", "tests.fuzz.one", name, seconds], check=False)
        print(f"{name}: {'nothing found' if done.returncode == 0 else 'SOMETHING FOUND'}", flush=True)
        wrong += done.returncode != 0
    return wrong


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
