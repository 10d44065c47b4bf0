"""What a process asks the disk to do, recorded in order, and what a power cut may leave of it.

The model: a write is certain only after its file was synchronised, a name only after its folder was; of what
is not certain, writes are kept, dropped or torn at a sector's end each by itself (which is any order), and
names up to any moment (a file system's journal keeps their order). So whatever a real disk may leave, and
more.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
SECTOR = 512


@dataclass(frozen=True, slots=True)
class Step:
    """One record of recorder.c."""

    what: str
    path: str
    other: str
    at: int
    content: bytes


def recorder(folder: Path) -> Path:
    """The library to preload, compiled."""
    made = folder / "recorder.so"
    compile_ = [sys.executable, "-m", "ziglang", "cc", "-shared", "-fPIC", "-O1", "-w"]
    subprocess.run(
        [*compile_, "-o", str(made), str(HERE / "recorder.c"), "-ldl"], check=True, capture_output=True
    )
    return made


def read(path: Path) -> list[Step]:
    """The steps of a record."""
    raw, found, at = path.read_bytes(), [], 0
    while at < len(raw):
        end = raw.index(b"\n", at)
        what, name, other, offset, length = raw[at:end].decode().split("\t")
        at = end + 1 + int(length)
        found.append(Step(what, name, other, int(offset), raw[end + 1 : at]))
    return found


@dataclass(slots=True)
class File:
    """What is certain of a file, and what was asked since."""

    certain: bytes = b""
    asked: list[Step] = field(default_factory=list)

    def synchronise(self) -> None:
        """Everything that was asked is on the disk."""
        self.certain, self.asked = self.after(self.asked), []

    def after(self, steps: list[Step]) -> bytes:
        """The bytes after these steps."""
        content = bytearray(self.certain)
        for step in steps:
            if step.what == "T":
                del content[step.at :]
                content.extend(bytes(step.at - len(content)))
            else:
                content.extend(bytes(max(0, step.at - len(content))))
                content[step.at : step.at + len(step.content)] = step.content
        return bytes(content)

    def cut(self, draw: random.Random) -> bytes:
        """What a power cut leaves."""
        left = []
        for step in self.asked:
            fate = draw.random()
            if fate < 0.4:
                left.append(step)
            elif fate < 0.6 and step.what == "W":
                torn = draw.randrange(0, len(step.content) + 1) // SECTOR * SECTOR
                left.append(Step("W", step.path, "", step.at, step.content[:torn]))
        return self.after(left)


class Disk:
    """The disk below a folder, fed step by step."""

    def __init__(self) -> None:
        self._certain: dict[str, File] = {}
        self._now: dict[str, File] = {}
        self._asked: list[Step] = []
        self._files: dict[int, File] = {}
        self.told: list[str] = []

    def take(self, step: Step) -> None:
        """One more step."""
        if step.what == "A":
            self.told.append(step.path)
        elif step.what in "WT":
            self._now[step.path].asked.append(step)
        elif step.what == "F":
            self._now[step.path].synchronise()
        elif step.what == "D":
            self._synchronise_names(step.path)
        elif step.what in "CURL":
            made = File() if step.what == "C" else None
            if made is not None:
                self._files[id(step)] = made
            self._asked.append(step)
            self._name(self._now, step)

    def _synchronise_names(self, folder: str) -> None:
        here = [step for step in self._asked if _folder(step) == folder]
        for step in here:
            self._name(self._certain, step)
        self._asked = [step for step in self._asked if _folder(step) != folder]

    def _name(self, names: dict[str, File], step: Step) -> None:
        if step.what == "C":
            names[step.path] = self._files[id(step)]
        elif step.what == "U":
            names.pop(step.path, None)
        elif step.what == "R":
            names[step.other] = names.pop(step.path)
        elif step.what == "L":
            names[step.other] = names[step.path]

    def cut(self, draw: random.Random) -> dict[str, bytes]:
        """Path → content, as a power cut at this moment may leave it."""
        names = dict(self._certain)
        for step in self._asked[: draw.randrange(len(self._asked) + 1)]:
            self._name(names, step)
        held = {id(file): file.cut(draw) for file in set_of(names.values())}
        return {path: held[id(file)] for path, file in names.items()}


def set_of(files: object) -> Iterator[File]:
    """Each file once, also where it has two names."""
    seen: set[int] = set()
    for file in files:  # type: ignore[attr-defined]
        if id(file) not in seen:
            seen.add(id(file))
            yield file


def _folder(step: Step) -> str:
    return (step.other or step.path).rpartition("/")[0]
