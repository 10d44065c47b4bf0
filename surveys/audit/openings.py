"""What a challenged ballot contained, recomputed without the server (docs/protocol.md 8.8)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from surveys.audit.bundle import read_bundle
from surveys.protocol.codes import write_code
from surveys.protocol.errors import Malformed
from surveys.protocol.manifest import Contest, Manifest, decode_manifest
from surveys.protocol.opening import decode_opening
from surveys.rules.preset import Preset, Words

MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Opened:
    """A ballot laid open: its tracker as it is written, and the mark of each contest in words."""

    tracker: str
    manifest: bytes
    marks: tuple[tuple[Contest, Words], ...]


def read_manifest(path: Path) -> Manifest:
    """The manifest in a manifest.json or in an audit bundle, consistent by 4.2. Raises Rejected; OSError."""
    if path.suffix == ".zip":
        with read_bundle(path) as bundle:
            raw = bundle["manifest.json"]
    else:
        raw = _read(path, "4.1", "manifest")
    manifest = decode_manifest(raw)
    manifest.definition.check()
    return manifest


def open_ballot(path: Path, manifest: Manifest) -> Opened:
    """What the opening file says, after every row was encrypted anew and compared. Raises Rejected;
    OSError.
    """
    opening = decode_opening(_read(path, "8.8", "opening"))
    ballot = opening.check(manifest)
    preset = Preset.from_json(manifest.definition.rule)
    words = (preset.not_marked, *(level.words for level in preset.levels))
    contests = manifest.definition.panels[ballot.panel].contests
    marks = tuple(
        (manifest.definition.contests[c], words[choice])
        for c, choice in zip(contests, opening.choices, strict=True)
    )
    return Opened(write_code(ballot.tracker), manifest.hash, marks)


def _read(path: Path, check: str, where: str) -> bytes:
    with path.open("rb") as file:
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise Malformed(check=check, where=where, why="too large")
    return raw
