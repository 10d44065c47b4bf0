"""Files that stay after a power cut: written beside, synchronised, put in place by one rename, and the folder
synchronised too.

Danger: a rename is on the disk only when its folder is. Without that a power cut right after an answer brings
back the name of before: an older bundle, an opening that was promised never to happen twice, a key that was
dropped.
"""

from __future__ import annotations

import os
from pathlib import Path


def synchronise(folder: Path) -> None:
    """What names stand in this folder is on the disk when this returns. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_in_place(part: Path, path: Path) -> None:
    """Give a written and synchronised file its name; whoever had the name is gone. On the disk when this
    returns. Raises OSError.
    """
    part.replace(path)
    synchronise(path.parent)


def make_folder(path: Path, mode: int = 0o777) -> None:
    """Make a folder, those above it too, and see that their names are on the disk. Nothing happens where it
    is. Raises OSError.
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=mode, exist_ok=True)
    synchronise(path.parent)


def write_whole(part: Path, path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file by way of `part`, so that it is at any time the old one or the whole new one. On the disk
    when this returns.
    """
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    put_in_place(part, path)
