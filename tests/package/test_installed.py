"""What `pip install` gives is a product that runs: from the wheel and from the source archive, outside the
checkout, without Node.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import time
import zipfile
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.organisations import a_bloc, write
from tests.package.installed import ROOT, UV, Installation, archives, call, install
from tests.ports import free_port

SHIPPED = ("templates", "static", "migrations", "translations")


def tracked(*folders: str) -> set[str]:
    listed = call("git", "ls-files", "-z", *folders, folder=ROOT).stdout
    return {name for name in listed.split("\0") if name}


def rehearse(made: Installation, organisation: Path, *more: str) -> None:
    """A whole vote and its check, with nothing but what was installed."""
    shown = made.run("python", "-c", "import surveys.shipped; print(surveys.shipped.ROOT)")
    assert Path(shown.strip()).is_relative_to(made.environment)
    made.run("surveys", "rehearse", "--organisation", organisation, "--year", 2026, "--out", "out", *more)
    assert "checks hold" in made.run("surveys", "verify", "out/bundle.zip")


def demonstrate(made: Installation) -> None:
    """The small demonstration is made and served by the real server; its pages are fetched, its bundle is
    checked.
    """
    port, instance, said = free_port(), made.work / "instance", made.work / "said.txt"
    with said.open("w") as out:
        server = subprocess.Popen(
            [made.environment / "bin" / "surveys", "run", "--small", "--instance", instance],
            cwd=made.work,
            env={"PATH": "/usr/bin:/bin", "TIN_NHIEM_PORT": str(port)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        vietnamese = _fetch(port, "/vi/", server)
        booth = re.search(r"/b/[0-9a-f]{32}/", said.read_text("utf-8"))
        assert booth
        pages = {path: _fetch(port, path, server) for path in ("/en/", "/static/css/site.css", booth[0])}
        assert "Lấy phiếu tín nhiệm năm" in vietnamese
        assert "Confidence vote" in pages["/en/"]
        assert pages["/static/css/site.css"] == (ROOT / "static/css/site.css").read_text("utf-8")
        script = re.search(r'src="([^"]+booth\.js[^"]*)"', pages[booth[0]])
        assert script
        assert len(_fetch(port, script[1], server)) > 10_000
    finally:
        server.terminate()
        server.wait(60)
    assert "Traceback" not in said.read_text("utf-8")
    assert "checks hold" in made.run("surveys", "verify", instance / "bundles" / "demo.zip")


def start(made: Installation) -> None:
    """Flask lists the routes, and gunicorn serves, as installed: no checkout lies around them."""
    assert "/<any(vi, en):language>/rounds/<round_id>" in made.run("flask", "--app", "app", "routes")
    newest = ("--python", made.environment / "bin" / "python", "--constraint", ROOT / "requirements-dev.lock")
    call(UV, "pip", "install", "--quiet", *newest, "gunicorn", folder=made.work)
    port = free_port()
    server = subprocess.Popen(
        [made.environment / "bin" / "gunicorn", "app:create_app()", "-b", f"127.0.0.1:{port}"],
        cwd=made.work,
        env={"PATH": "/usr/bin:/bin", "TIN_NHIEM_INSTANCE": str(made.work / "served")},
    )
    try:
        assert "</html>" in _fetch(port, "/vi/", server)
    finally:
        server.terminate()
        assert server.wait(60) == 0


def _fetch(port: int, path: str, server: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + 300
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=120)
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read().decode()
            connection.close()
            assert answer.status == 200, (path, answer.status)
            return text
        except ConnectionRefusedError:
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.2)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return archives(tmp_path_factory.mktemp("archives"))


def test_both_archives_hold_a_vote_and_serve_the_site(built: tuple[Path, Path], tmp_path: Path) -> None:
    source, wheel = built
    organisation = write(tmp_path, a_bloc())
    from_wheel = install(wheel, tmp_path / "wheel")
    rehearse(from_wheel, organisation)
    demonstrate(from_wheel)
    start(from_wheel)
    from_source = install(source, tmp_path / "source")
    rehearse(from_source, organisation, "--no-pdf")
    demonstrate(from_source)
    for made in (from_wheel, from_source):
        names = call(
            UV, "pip", "list", "--python", made.environment / "bin" / "python", folder=tmp_path
        ).stdout
        assert "nodejs" not in names
        assert re.search(r"^tin-nhiem +\d", names, re.MULTILINE)


def test_the_wheel_holds_every_file_that_belongs_to_the_program(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as wheel:
        held = set(wheel.namelist())
    shipped = {f"surveys/_shipped/{name}" for name in tracked(*SHIPPED)}
    assert len(shipped) > 100
    assert shipped - held == set()
    assert tracked("surveys") - held == set()
    bundles = {name for name in held if name.startswith("surveys/_shipped/static/build/")}
    assert "surveys/_shipped/static/build/booth.js" in bundles
    assert {name.split("/")[0] for name in held if ".dist-info" not in name} == {"app.py", "surveys"}
    assert not [name for name in held if "__pycache__" in name]


def test_the_wheel_says_what_it_is(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as wheel:
        (name,) = (each for each in wheel.namelist() if each.endswith("/METADATA"))
        metadata = wheel.read(name).decode()
        licence = wheel.read(name.replace("METADATA", "licenses/LICENSE")).decode()
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in licence
    for field in (
        "Author",
        "Classifier",
        "License-Expression",
        "License-File",
        "Project-URL",
        "Requires-Python",
    ):
        assert re.search(rf"^{field}: .+", metadata, re.MULTILINE), field


def test_the_source_archive_holds_what_is_needed_to_build_and_judge_it(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[0]) as source:
        held = {name.split("/", 1)[1] for name in source.getnames() if "/" in name}
    assert tracked() - held == {".gitignore"}
    assert "static/build/clients.json" in held
    assert not [name for name in held if "node_modules" in name or "__pycache__" in name]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_the_lock_resolves_on_each_python(python: str, tmp_path: Path) -> None:
    """Every package has a file for it, and the files are those that the lock names."""
    done = call(
        *(UV, "pip", "install", "--dry-run", "--python-version", python, "--python", sys.executable),
        *("--require-hashes", "--only-binary", ":all:", "--no-binary", "flask-principal"),
        *("--target", tmp_path / "nowhere", "-r", ROOT / "requirements.lock"),
        folder=tmp_path,
    )
    assert "Would install" in done.stderr
