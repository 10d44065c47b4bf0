"""Gather the wheels of everything that an installation needs into `deploy/wheels`: `make wheels`.

The folder `deploy` then installs on a machine without a network (`deploy/install`) and builds the image
(`deploy/containers`). What comes from the network is what `requirements-server.lock` names, hash by hash; the
list written here names the wheels, the package's own among them, by theirs. Wheels are for the Python and the
processor they were gathered with, which the list says in its first line.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LIST = "requirements.txt"
# As in the Makefile (docs/decisions/0001).
LOCKED = (
    *("--require-hashes", "--only-binary", ":all:"),
    *("--no-binary", "flask-principal", "--no-binary", "odfpy", "--no-build-isolation"),
)


def gather(folder: Path) -> None:
    """All wheels and their list, in place of what the folder held."""
    beside = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    wheel = (sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--wheel-dir", str(beside))
    subprocess.run([*wheel, *LOCKED, "-r", str(ROOT / "requirements-server.lock")], check=True)  # noqa: S603
    subprocess.run([*wheel, "--no-deps", "--no-build-isolation", str(ROOT)], check=True)  # noqa: S603
    (beside / LIST).write_text(listed(beside), "ascii")
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)


def listed(folder: Path) -> str:
    """The list of the wheels in this folder, for `pip install --require-hashes`."""
    lines = [f"# {made_with()}"]
    for wheel in sorted(folder.glob("*.whl")):
        name, version, *_ = wheel.name.split("-")
        lines.append(f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")
    return "\n".join(lines) + "\n"


def made_with() -> str:
    """The Python and the processor that wheels gathered here are for."""
    return f"Python {sys.version_info.major}.{sys.version_info.minor} {sysconfig.get_platform()}"


if __name__ == "__main__":
    gather(HERE / "wheels")
