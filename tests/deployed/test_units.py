"""The units of systemd in the deploy kit: what a service may do, who sees the keyring, and that both are what
the programs of systemd take them for.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from surveys.settings import PREFIX
from surveys.web.serving import DRAIN_SECONDS
from tests.deployed.kit import BIN, DEPLOY, unit

SERVICES = ("site", "booth")
# The exposure that `systemd-analyze security` finds, in tenths: 0 is none, 100 all. What is left is named in
# the units.
MOST = {"site": 13, "booth": 4}
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="NO UNIT WAS JUDGED: systemd is not installed")


def call(*arguments: object, **more: str) -> str:
    done = subprocess.run(
        [str(each) for each in arguments], capture_output=True, text=True, env=more or None, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_what_systemd_finds_exposed_is_no_more_than_said(name: str) -> None:
    path = DEPLOY / f"systemd/tin-nhiem-{name}.service"
    call(ANALYZE, "security", "--offline=yes", f"--threshold={MOST[name]}", "--no-pager", path)


@needs_systemd
def test_a_unit_that_is_less_confined_is_found_out(tmp_path: Path) -> None:
    path = tmp_path / "tin-nhiem-booth.service"
    text = (DEPLOY / "systemd/tin-nhiem-booth.service").read_text("utf-8")
    path.write_text(text.replace("PrivateNetwork=yes", "PrivateNetwork=no"), "utf-8")
    with pytest.raises(AssertionError):
        call(ANALYZE, "security", "--offline=yes", f"--threshold={MOST['booth']}", "--no-pager", path)


@needs_systemd
def test_systemd_understands_every_line_of_the_units(tmp_path: Path) -> None:
    paths = []
    for source in sorted((DEPLOY / "systemd").glob("tin-nhiem-*")):
        paths.append(tmp_path / source.name)
        text = source.read_text("utf-8").replace("/opt/tin-nhiem/current/bin", str(BIN))
        paths[-1].write_text(text, "utf-8")
    assert len(paths) == 4
    said = call(ANALYZE, "verify", *paths)
    assert "tin-nhiem" not in said, said


@pytest.mark.skipif(
    shutil.which("systemd-sysusers") is None, reason="NO USER WAS MADE: systemd is not installed"
)
def test_user_and_folders_are_made_as_the_services_need_them(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    call("systemd-sysusers", f"--root={tmp_path}", DEPLOY / "systemd/sysusers.conf")
    assert re.search(
        r"(?m)^tin-nhiem:.*:/var/lib/tin-nhiem:.*nologin$", (tmp_path / "etc/passwd").read_text()
    )
    call("systemd-tmpfiles", f"--root={tmp_path}", "--create", DEPLOY / "systemd/tmpfiles.conf")
    for place in ("var/lib/tin-nhiem", "etc/tin-nhiem"):
        assert (tmp_path / place).stat().st_mode & 0o777 == 0o700


def test_the_services_get_the_keyring_as_a_credential_and_nothing_else_of_its_folder() -> None:
    for name in SERVICES:
        says = unit(f"tin-nhiem-{name}.service")
        assert says["LoadCredential"] == ["keyring.json:/etc/tin-nhiem/keyring.json"]
        assert says["InaccessiblePaths"] == ["/etc/tin-nhiem"]
        assert f"{PREFIX}KEYRING=%d/keyring.json" in says["Environment"]
        assert says["User"] == ["tin-nhiem"]


def test_only_nginx_comes_in_and_the_booth_never_gets_out() -> None:
    configured = (DEPLOY / "nginx.conf").read_text("utf-8")
    user = re.search(r"(?m)^user (\S+);", configured)
    assert user is not None
    for name in SERVICES:
        way = unit(f"tin-nhiem-{name}.socket")
        assert way["SocketMode"] == ["0600"]
        assert way["SocketUser"] == [user[1]]
        assert f"server unix:{way['ListenStream'][0]};" in configured
    booth = unit("tin-nhiem-booth.service")
    assert (booth["PrivateNetwork"], booth["RestrictAddressFamilies"]) == (["yes"], ["AF_UNIX"])
    assert {f"{PREFIX}SERVE=voter"} <= set(booth["Environment"])
    assert {f"{PREFIX}SERVE=site"} <= set(unit("tin-nhiem-site.service")["Environment"])


def test_systemd_waits_longer_than_a_service_needs_to_finish() -> None:
    given = re.search(r"(?m)^graceful_timeout = (\d+)", (DEPLOY / "gunicorn.conf.py").read_text("utf-8"))
    assert given is not None
    assert int(given[1]) == DRAIN_SECONDS
    for name in SERVICES:
        says = unit(f"tin-nhiem-{name}.service")
        assert int(says["TimeoutStopSec"][0]) > int(given[1])
        assert says["KillMode"] == ["mixed"]  # the first process tells the others, once


def test_the_command_line_works_on_the_services_instance_as_their_user(tmp_path: Path) -> None:
    """`runuser` and the program are played: the script decides who runs what with which settings."""
    shown = tmp_path / "runuser"
    shown.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    shown.chmod(0o755)
    said = call(
        DEPLOY / "tin-nhiem", "staff", "list", "two words", PATH=f"{tmp_path}:/usr/bin:/bin"
    ).splitlines()
    assert said[:5] == ["-u", unit("tin-nhiem-site.service")["User"][0], "--", "env", "-i"]
    assert said[-4:] == ["/opt/tin-nhiem/current/bin/surveys", "staff", "list", "two words"]
    given = dict(each.split("=", 1) for each in said[5:-4])
    service = dict(each.split("=", 1) for each in unit("tin-nhiem-site.service")["Environment"])
    (_, _, keyring) = unit("tin-nhiem-site.service")["LoadCredential"][0].partition(":")
    assert given[f"{PREFIX}INSTANCE"] == service[f"{PREFIX}INSTANCE"]
    assert given[f"{PREFIX}KEYRING"] == keyring


def test_the_service_starts_what_the_documents_name() -> None:
    for name in SERVICES:
        call_ = shlex.split(unit(f"tin-nhiem-{name}.service")["ExecStart"][0])
        assert call_[0] == "/opt/tin-nhiem/current/bin/gunicorn"
        assert call_[-1] == "app:create_app()"
