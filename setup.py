"""`pip install` builds the client too (client/build.py); everything else about the package stands in pyproject.toml."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithClient(build_py):
    """Python modules, and the client's bundles."""

    def run(self) -> None:
        """Build the bundles first: an installation without them would serve voters a dead page."""
        script = Path(__file__).resolve().parent / "client" / "build.py"
        subprocess.run([sys.executable, str(script)], check=True)  # noqa: S603
        super().run()


setup(cmdclass={"build_py": BuildWithClient})
