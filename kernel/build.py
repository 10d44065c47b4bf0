"""Compiles kernel/ to the module that stands in surveys/protocol/kernel: `make kernel`, or python
kernel/build.py FILE.

The same sources and the same compiler (ziglang, pinned in the lock) give the same bytes on any machine:
tests/protocol/test_kernel.py builds it anew and compares. Why it is shipped compiled: docs/decisions/0027.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "kernel.c"
SHIPPED = SOURCE.parents[1] / "surveys" / "protocol" / "kernel" / "kernel.wasm"
FLAGS = (
    "-target", "wasm32-freestanding", "-mcpu=generic+wide_arithmetic+bulk_memory",
    "-O3", "-ffreestanding", "-fno-builtin", "-nostdlib", "-s", "-Wall", "-Wextra", "-Werror",
    "-Wl,--no-entry", "-Wl,--export-memory", "-Wl,--export=__heap_base",
)  # fmt: skip


def build(target: Path) -> None:
    """Write the module. Raises CalledProcessError when the compiler refuses."""
    with tempfile.TemporaryDirectory() as folder:
        # Built beside nothing, so that no path of this machine can get into the bytes.
        out = Path(folder) / "kernel.wasm"
        command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, SOURCE.name, "-o", str(out)]
        subprocess.run(command, check=True, cwd=SOURCE.parent)  # noqa: S603
        target.write_bytes(out.read_bytes())


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED)
