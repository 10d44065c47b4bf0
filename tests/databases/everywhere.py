"""`pytest --postgresql`: the stores of every test are in PostgreSQL, a database for each folder of stores.

A folder gets its database when `Engines` first opens it, and a copy of a folder a copy of the database:
beside where the files would be lies one that names it. Danger: a copy is made when it is first opened, not
when the folder is copied; so what is copied must be at rest until then, as a template of tests is.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from surveys.stores.engines import Engines
from tests.databases.server import Server

MARK = "database"


class Everywhere:
    """Hands out the databases, and lets go of their connections after each test."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._made: list[Engines] = []
        self._open = Engines.__init__

    def begin(self) -> None:
        """From now on, for every `Engines` that names no database."""
        here = self

        def opened(engines: Engines, root: Path, database: str = "", *more: Any, **named: Any) -> None:
            here._open(engines, root, database or here.database_of(root), *more, **named)
            here._made.append(engines)

        setattr(Engines, "__init__", opened)  # noqa: B010  (mypy would refuse the assignment)
        os.register_at_fork(before=self.rest)  # two processes at one connection would break it

    def database_of(self, root: Path) -> str:
        """The address of this folder's database, made where there is none."""
        name = f"d{sha256(str(root.absolute()).encode()).hexdigest()[:24]}"
        mark = root / MARK
        held = mark.read_text() if mark.exists() else None
        if held != name:
            self._server.drop(name)
            if held is None:
                self._server.database(name=name)
            else:
                self._server.copy(self._server.url(held), name)
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            mark.write_text(name)
        return self._server.url(name)

    def rest(self) -> None:
        """Let go of connections; whoever goes on with a store gets another one."""
        for engines in self._made:
            for engine in engines._engines.values():
                engine.dispose()

    def end(self) -> None:
        """As before."""
        setattr(Engines, "__init__", self._open)  # noqa: B010
        for engines in self._made:
            engines.close()
