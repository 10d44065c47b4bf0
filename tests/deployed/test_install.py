"""An installation without a network (deploy/gather.py, deploy/install): all or nothing, by hashes, beside the
versions that are there.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from deploy.gather import LIST, gather, listed, made_with
from tests.deployed.kit import DEPLOY, ROOT

PYTHON = {"PYTHON": sys.executable}
NEEDED = ("gunicorn", "psycopg-binary", "flask", "cryptography")


def call(
    *arguments: object, env: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(each) for each in arguments],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/sbin:/usr/bin:/bin", **(env or {})},
        cwd=cwd,
        check=False,
    )


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    """The folder as it is carried to another machine, with wheels of which nothing is good."""
    folder = tmp_path / "deploy"
    folder.mkdir()
    for name in ("install", "gunicorn.conf.py"):
        shutil.copy(DEPLOY / name, folder / name)
    (folder / "wheels").mkdir()
    for name in ("tin_nhiem-9.8.7-py3-none-any.whl", "other-1.0-py3-none-any.whl"):
        (folder / "wheels" / name).write_bytes(name.encode())
    (folder / "wheels" / LIST).write_text(listed(folder / "wheels"), "ascii")
    return folder


def test_the_list_names_each_wheel_by_its_hash_and_what_it_is_for(carried: Path) -> None:
    first, *lines = (carried / "wheels" / LIST).read_text("ascii").splitlines()
    assert first == f"# {made_with()}"
    found = {line.split(" --hash=sha256:")[0]: line.split(":")[1] for line in lines}
    assert found == {
        f"{name}=={version}": hashlib.sha256(f"{name}-{version}-py3-none-any.whl".encode()).hexdigest()
        for name, version in (("tin_nhiem", "9.8.7"), ("other", "1.0"))
    }


def test_what_cannot_be_installed_is_said_in_a_sentence_and_nothing_is_made(
    carried: Path, tmp_path: Path
) -> None:
    to, wheels = tmp_path / "opt", carried / "wheels" / LIST
    text = wheels.read_text("ascii")
    for before, said in (
        (
            lambda: wheels.write_text(text.replace("Python 3.", "Python 2."), "ascii"),
            "the wheels are for Python 2.",
        ),
        (
            lambda: wheels.write_text(text.replace("tin_nhiem", "another"), "ascii"),
            "are not those of this program",
        ),
        (wheels.unlink, "no wheels in"),
    ):
        before()
        done = call(carried / "install", to, env=PYTHON)
        assert (done.returncode, said in done.stderr, done.stderr.count("\n")) == (1, True, 1), done.stderr
        assert not to.exists()
    done = call(carried / "install", to, env={"PYTHON": "python9"})
    assert done.returncode == 1


def test_a_version_that_is_there_is_left_alone(carried: Path, tmp_path: Path) -> None:
    there = tmp_path / "opt/9.8.7"
    there.mkdir(parents=True)
    (there / "gunicorn.conf.py").write_text("served", "ascii")
    done = call(carried / "install", tmp_path / "opt", env=PYTHON)
    assert (done.returncode, "is there already" in done.stderr) == (1, True)
    assert [path.name for path in there.iterdir()] == ["gunicorn.conf.py"]


def test_the_lock_of_servers_is_that_of_everybody_with_the_extras() -> None:
    def locked(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text("utf-8")
        return dict(re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^\s;]+)", text))

    everybody, servers = locked("requirements.lock"), locked("requirements-server.lock")
    assert everybody.items() <= servers.items()
    assert set(NEEDED) <= set(servers)


@pytest.mark.soak
def test_without_a_network_the_gathered_wheels_are_a_server(tmp_path: Path) -> None:
    """Everything is gathered; then a namespace without a network installs and starts them; what was
    changed on its way is refused.
    """
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("NOTHING WAS INSTALLED WITHOUT A NETWORK: only root can take it away here")
    carried, to = tmp_path / "deploy", tmp_path / "opt"
    carried.mkdir()
    for name in ("install", "gunicorn.conf.py"):
        shutil.copy(DEPLOY / name, carried / name)
    gather(carried / "wheels")
    done = call("unshare", "--net", carried / "install", to, env=PYTHON)
    assert done.returncode == 0, done.stderr
    (version,) = (path.name for path in to.iterdir())
    assert done.stdout.startswith(f"surveys, version {version}\n")
    (to / "current").symlink_to(version)
    given = {"TIN_NHIEM_INSTANCE": str(tmp_path / "i")}
    check = to / "current/bin/gunicorn", "--check-config", "app:create_app()"
    started = call("unshare", "--net", *check, env=given, cwd=tmp_path)
    assert started.returncode == 0, started.stderr
    # A wheel that was changed on its way is refused, and what was half made is no version.
    shutil.rmtree(to / version)
    wheel = next((carried / "wheels").glob("click-*.whl"))
    with zipfile.ZipFile(wheel, "a") as changed:
        changed.writestr("click/more.py", "")
    done = call("unshare", "--net", carried / "install", to, env=PYTHON)
    assert done.returncode != 0
    assert "HASHES" in done.stderr
    assert not (to / version / "gunicorn.conf.py").exists()
