"""A disk whose every byte can be looked at afterwards, what was deleted on it included."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MEGABYTES = 64
_STRETCH = 1 << 22
_LAP = 1 << 10


@dataclass(frozen=True)
class Disk:
    """A folder, and how to read all that was ever written below it, in stretches that overlap."""

    folder: Path
    sees_what_was_deleted: bool
    stretches: Callable[[], Iterator[bytes]]

    def found(self, pattern: bytes) -> set[bytes]:
        """What matches, anywhere. Read after whoever writes has ended."""
        wanted = re.compile(pattern)
        return {match.group() for stretch in self.stretches() for match in wanted.finditer(stretch)}


@contextmanager
def a_disk() -> Iterator[Disk]:
    """A file system of its own on a loop device, in memory; where that cannot be had, a folder, of which
    deleted files are not seen: that is said.
    """
    memory = Path("/dev/shm")
    place = Path(
        tempfile.mkdtemp(prefix="tin-nhiem-disk-", dir=memory if os.access(memory, os.W_OK) else None)
    )
    image, folder = place / "image", place / "disk"
    folder.mkdir()
    mounted = _mount(image, folder)
    if not mounted:
        print("DELETED FILES ARE NOT LOOKED AT: no file system can be mounted here (root and a loop device)")
    try:
        yield Disk(folder, mounted, lambda: _read(image, folder) if mounted else _read_files(folder))
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", folder], check=True)
        shutil.rmtree(place)


def _mount(image: Path, folder: Path) -> bool:
    if os.geteuid() != 0 or not (shutil.which("mkfs.ext4") and shutil.which("mount")):
        return False
    with image.open("wb") as file:
        file.truncate(MEGABYTES << 20)
    for call in (["mkfs.ext4", "-q", str(image)], ["mount", "-o", "loop", str(image), str(folder)]):
        if subprocess.run(call, capture_output=True, check=False).returncode:
            image.unlink()
            return False
    return True


def _read(image: Path, folder: Path) -> Iterator[bytes]:
    """The whole image, once all that is written has reached it."""
    subprocess.run(["sync", "-f", folder], check=True)
    yield from _in_stretches(image)


def _read_files(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*")):
        yield str(path).encode()
        if path.is_file():
            yield from _in_stretches(path)


def _in_stretches(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        before = b""
        while read := file.read(_STRETCH):
            yield before + read
            before = read[-_LAP:]
