"""Where the files are that belong to the program and are no Python: templates, static files, migrations,
translations, handbooks.

In a checkout they lie at its top, where a reader looks for them; a wheel carries them inside the package
(setup.py). The only module that knows both places: whoever looked for the checkout would find nothing in an
installation.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

_CARRIED = "_shipped"


def _root() -> Path:
    """The folder of the carried files in an installation, the top of the checkout otherwise."""
    package = files("surveys")
    carried = package / _CARRIED
    if carried.is_dir():
        with as_file(
            carried
        ) as folder:  # a folder of an unpacked wheel is itself, and stays when the block ends
            return folder
    with as_file(package) as folder:
        return folder.parent


ROOT = _root()
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
MIGRATIONS = ROOT / "migrations"
TRANSLATIONS = ROOT / "translations"
HANDBOOK = ROOT / "docs" / "handbook"
