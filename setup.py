"""How the package is built: the client's bundles first, then Python and what lies beside it. The rest stands
in pyproject.toml.

A source archive carries the built bundles, so whoever installs from it needs no Node; from a checkout they
are built (client/build.py). A wheel carries templates, static files, migrations and translations in
`surveys/_shipped`, where surveys/shipped.py looks for them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
SHIPPED = ("templates", "static", "migrations", "translations", "docs/handbook")


def build_client() -> None:
    """Build the bundles: an installation without them would serve voters a dead page. Those of a source
    archive are taken as they are.
    """
    if (HERE / "PKG-INFO").is_file() and _built():
        return
    subprocess.run([sys.executable, str(HERE / "client" / "build.py")], check=True)  # noqa: S603


def _built() -> bool:
    """Whether each bundle is the one that clients.json names."""
    folder = HERE / "static" / "build"
    try:
        named: dict[str, str] = json.loads((folder / "clients.json").read_text("ascii"))
        found = {name: hashlib.sha256((folder / f"{name}.js").read_bytes()).hexdigest() for name in named}
    except (OSError, ValueError):
        return False
    return bool(named) and found == named and (folder / "fonts" / "LICENSE").is_file()


class BuildWithClient(build_py):
    """Python modules, the client's bundles, and what is shipped beside the modules."""

    def run(self) -> None:
        """An editable installation finds the files in the checkout and carries none."""
        build_client()
        super().run()
        if not self.editable_mode:
            for name in SHIPPED:
                shutil.copytree(HERE / name, self._carried / name, ignore=_no_bytecode, dirs_exist_ok=True)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """All that was put into the build folder."""
        return [
            *super().get_outputs(include_bytecode),
            *(str(path) for path in self._carried.rglob("*") if path.is_file()),
        ]

    @property
    def _carried(self) -> Path:
        return Path(self.build_lib) / "surveys" / "_shipped"


class SourceWithClient(sdist):
    """The sources, and the client's bundles made of them."""

    def run(self) -> None:
        """MANIFEST.in names the bundles, so they are there before it is read."""
        build_client()
        super().run()


def _no_bytecode(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__"]


setup(cmdclass={"build_py": BuildWithClient, "sdist": SourceWithClient})
