"""`surveys verify` needs only the pure rooms: an auditor's machine has neither web server nor database."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HEAVY = {"flask", "werkzeug", "sqlalchemy", "alembic", "waitress", "jinja2", "pyhanko", "aiohttp"}
PROGRAM = """
import json, sys
from surveys.cli import main
{more}
try:
    main(["verify", sys.argv[1]])
except SystemExit as end:
    print(json.dumps([end.code, sorted(name for name in sys.modules if "." not in name)]))
"""


def _modules_after_verifying(bundle: Path, more: str = "") -> tuple[int, set[str]]:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(more=more), str(bundle)],
        capture_output=True,
        text=True,
        check=True,
    )
    code, names = json.loads(answer.stdout.splitlines()[-1])
    return code, set(names)


def test_verifying_loads_neither_web_nor_database(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(b"not a zip")
    code, names = _modules_after_verifying(bundle)
    assert code == 1
    assert "surveys" in names
    assert names & HEAVY == set()


def test_a_loaded_database_would_be_seen(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(b"not a zip")
    _, names = _modules_after_verifying(bundle, more="import sqlalchemy")
    assert names & HEAVY == {"sqlalchemy"}
