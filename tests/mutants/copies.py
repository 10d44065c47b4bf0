"""The copy of the tree that mutants live in, under build/mutants: the tree that somebody works in is only
read.

Killed at any moment, the next start puts the copy right: every file is compared, byte by byte.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

from tests.mutants.scope import ROOT


def renew(tree: Path) -> None:
    """Make `tree` the same as the working tree, but for what Git ignores; the built client is taken too."""
    told = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    built = [one.relative_to(ROOT).as_posix() for one in (ROOT / "static/build").glob("*")]
    wanted = {name for name in [*told.split("\0"), *built] if name and (ROOT / name).is_file()}
    for folder, _, names in os.walk(tree):  # follows no links
        for here in (Path(folder, name) for name in names):
            if here.suffix != ".pyc" and here.relative_to(tree).as_posix() not in wanted:
                here.unlink()
    for name in wanted:
        put(tree / name, (ROOT / name).read_bytes())
    # The second verifier's libraries, some hundred megabytes that tests only read.
    libraries = tree / "client/node_modules"
    if (ROOT / "client/node_modules").is_dir() and not libraries.is_symlink():
        libraries.parent.mkdir(exist_ok=True)
        libraries.symlink_to(ROOT / "client/node_modules")


def put(path: Path, raw: bytes, moment: int | None = None) -> None:
    """Write a file if it is not that already. What was compiled from the old one goes; `moment` (seconds)
    tells versions of one second apart, as Python knows them by time and length.
    """
    if path.is_file() and path.read_bytes() == raw:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".py":
        with suppress(FileNotFoundError):
            Path(cache_from_source(path)).unlink()
    path.write_bytes(raw)
    if moment is not None:
        os.utime(path, (moment, moment))
