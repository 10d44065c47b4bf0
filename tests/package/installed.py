"""The package as others get it: archives built of this checkout, and environments far from it that hold
nothing else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
# Plain Python without a wheel on PyPI (docs/decisions/0001); its own build needs setuptools, which uv brings.
FROM_SOURCE = ("--only-binary", ":all:", "--no-binary", "flask-principal", "--no-binary", "tin-nhiem")


def call(*arguments: object, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run something as if this checkout were not there. Fails the test where it fails."""
    names = ("HOME", "LANG", "PATH", "SSL_CERT_FILE", "UV_CACHE_DIR", "UV_INDEX_URL", "UV_DEFAULT_INDEX")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in names or name.lower().endswith("_proxy") or name.startswith("PIP_")
    }
    done = subprocess.run(
        [str(each) for each in arguments],
        cwd=folder,
        env={**kept, **more},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done


def archives(folder: Path) -> tuple[Path, Path]:
    """(source archive, wheel): the archive of this checkout, the wheel of the archive. The client is built
    for the first only.
    """
    plain = ("--python", sys.executable, "--no-build-isolation", "--quiet")
    call(UV, "build", "--sdist", ROOT, "--out-dir", folder, *plain, folder=folder)
    (source,) = folder.glob("*.tar.gz")
    call(UV, "build", "--wheel", source, "--out-dir", folder, "--quiet", folder=folder)
    (wheel,) = folder.glob("*.whl")
    return source, wheel


@dataclass(frozen=True, slots=True)
class Installation:
    """An environment with the locked dependencies and the package from one archive, and an empty folder to
    work in.
    """

    environment: Path
    work: Path

    def run(self, *arguments: object, **more: str) -> str:
        """What a program of this environment says."""
        name, *rest = arguments
        return call(self.environment / "bin" / str(name), *rest, folder=self.work, **more).stdout


def install(archive: Path, folder: Path) -> Installation:
    """Put the package from this archive into a new environment. No Node comes with it."""
    environment, work = folder / "env", folder / "work"
    work.mkdir(parents=True)
    call(UV, "venv", "--quiet", "--python", sys.executable, environment, folder=work)
    into = (UV, "pip", "install", "--quiet", "--python", environment / "bin" / "python")
    call(*into, "--require-hashes", *FROM_SOURCE, "-r", ROOT / "requirements.lock", folder=work)
    call(*into, "--no-deps", archive, folder=work)
    return Installation(environment, work)
