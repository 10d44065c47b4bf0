"""The site starts the ways servers start it, and no module of the package knows who puts it together."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from surveys.stores.engines import AnotherServer, Engines
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def environment(instance: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "TIN_NHIEM_INSTANCE": str(instance), **more}


def is_free(instance: Path) -> bool:
    engines = Engines(instance / "stores")
    try:
        engines.serve_alone()
    except AnotherServer:
        return False
    engines.close()
    return True


def awaited(what: object, wanted: object, patience: float = 200.0) -> None:
    until = time.monotonic() + patience
    while what() != wanted:  # type: ignore[operator]
        assert time.monotonic() < until, wanted
        time.sleep(0.05)


@contextmanager
def gunicorn(instance: Path, workers: int) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    call = [BIN / "gunicorn", "app:create_app()", "-w", str(workers), "-b", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        [*map(str, call), "--log-level", "warning"], cwd=ROOT, env=environment(instance)
    )
    try:
        yield server, port
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0


def fetched(port: int, path: str) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        try:
            connection.request("GET", path)
        except ConnectionRefusedError:
            return 0
        return connection.getresponse().status


def test_flask_lists_the_routes_and_begins_no_work(tmp_path: Path) -> None:
    done = subprocess.run(
        [BIN / "flask", "--app", "app", "routes"],
        cwd=ROOT,
        env=environment(tmp_path / "i"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "/<any(vi, en):language>/rounds/<round_id>" in done.stdout
    assert is_free(tmp_path / "i")


def test_gunicorn_serves_and_one_worker_of_four_works_for_all(tmp_path: Path) -> None:
    instance = tmp_path / "i"
    with gunicorn(instance, 4) as (_, port):
        awaited(lambda: fetched(port, "/vi/"), 200)
        awaited(lambda: is_free(instance), False)
        assert {fetched(port, path) for path in ("/en/", "/s/vi/account/login", "/static/css/site.css")} == {
            200
        }
    assert is_free(instance)


def test_nothing_imports_the_wiring() -> None:
    for path in (ROOT / "surveys").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.module != "app", path
            if isinstance(node, ast.Import):
                assert "app" not in {each.name for each in node.names}, path
