"""A committee member at the command line: a sheet, a server, and what this device remembers (docs/protocol.md
§16, 11.3).

DANGER: the file of the sheet is the key. It is read here and never sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from surveys.committee.checking import Examined
from surveys.committee.server import OnBytes, Server
from surveys.committee.trustee import Trustee
from surveys.disk import write_whole
from surveys.instants import Instant, instant, instant_text, read_instant
from surveys.protocol import canonical
from surveys.protocol.ceremony import Ceremony
from surveys.protocol.ceremony_checks import decode_ceremony
from surveys.protocol.codes import read_sheet
from surveys.protocol.manifest import Definition, Manifest, decode_definition, decode_manifest


def now() -> Instant:
    """This instant."""
    return instant(datetime.now(UTC))


class Member:
    """A sheet, a server, and what the server says now."""

    def __init__(self, file: Path, link: str) -> None:
        self.file, self.server = file, Server(link)
        self.state = self.server.state()
        self._agreed = file.with_name(f"{file.name}.agreed")
        self._kept = self._load_agreed()
        agreed = {bytes.fromhex(m): bytes.fromhex(a) for m, a in self._kept["agreed"].items()}
        self.trustee = Trustee(read_sheet(file.read_text("utf-8")), self.state.trustee, agreed)
        self.examined: Examined | None = None

    def ceremony(self) -> Ceremony:
        """The public record as far as it has come."""
        return decode_ceremony(self.server.get("ceremony"))

    def definition(self) -> Definition:
        """What was frozen."""
        return decode_definition(self.server.get("definition"))

    def manifest(self) -> Manifest:
        """The manifest; raises ServerRefused before all have dealt."""
        return decode_manifest(self.server.get("manifest"))

    def send(self, kind: str, message: Mapping[str, object]) -> None:
        """Send a message and keep what the server says then."""
        self.state = self.server.send(kind, canonical.encode(message))

    def look(self) -> None:
        """Ask the server how far it is."""
        self.state = self.server.state()

    def members(self, names: Sequence[str], tell: OnBytes | None = None) -> dict[str, bytes]:
        """Members of the bundle, by their names there."""
        ways = {"board.bin": "board", "checkpoint.txt": "checkpoint", "minutes.txt": "text"}
        return {
            name: self.server.get(
                ways.get(name, name.removesuffix(".json")), tell if name == "board.bin" else None
            )
            for name in names
        }

    def first_seen(self, agreed: bytes) -> Instant:
        """When this device first saw this board and plan: the look-up time counts from then (11.4)."""
        seen = self._kept["seen"].setdefault(agreed.hex(), instant_text(now()))
        self._keep()
        return read_instant(seen)

    def remember_agreed(self) -> None:
        """Keep which board and plan was cosigned of which manifest, beside the sheet: a second one is refused
        for ever.
        """
        self._kept["agreed"] = {m.hex(): a.hex() for m, a in self.trustee.agreed.items()}
        self._keep()

    def _keep(self) -> None:
        fresh = self._agreed.with_name(f"{self._agreed.name}.new")
        write_whole(fresh, self._agreed, json.dumps(self._kept, indent=1).encode("ascii"))

    def _load_agreed(self) -> dict[str, dict[str, str]]:
        if not self._agreed.exists():
            return {"agreed": {}, "seen": {}}
        held: dict[str, dict[str, str]] = json.loads(self._agreed.read_text("ascii"))
        return held
