"""The files of a browser's profile folder, searched as somebody would who has the device and perhaps the
slip.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from surveys.protocol.codes import read_code
from surveys.protocol.transcript import transcript

# docs/protocol.md 8.11: nothing else is ever kept.
FIELDS = {"manifest", "panel", "seed", "sequence", "request", "token", "body", "sent", "receipt"}
_HEX = re.compile(rb"[0-9a-f]{80,}")


@dataclass(frozen=True)
class Profile:
    """A folder that a browser wrote, and the slip that was used in it."""

    folder: Path
    written: str
    survey: bytes

    def _files(self) -> Iterator[tuple[str, bytes]]:
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                raw = path.read_bytes()
                yield path.name, raw
                if raw.startswith(b"mozLz40\0"):
                    yield f"{path.name}, unpacked", unpacked(raw[12:])

    def session_tells(self, address: str) -> bool:
        """Whether what the browser restores a session from holds this address."""
        return any(name.endswith("unpacked") and address.encode() in raw for name, raw in self._files())

    def code_found(self) -> list[str]:
        """Where the slip's code stands, in any encoding."""
        raw, plain = read_code(self.written), self.written.replace("-", "")
        texts = {self.written, plain, self.written.lower(), plain.lower(), raw.hex(), plain.replace("0", "O")}
        texts |= {base64.b64encode(raw).decode().rstrip("="), base64.b64encode(plain.encode()).decode()[:20]}
        wanted = [raw, *(text.encode() for text in texts), *(text.encode("utf-16le") for text in texts)]
        return [name for name, found in self._files() if any(each in found for each in wanted)]

    def kept(self) -> list[dict[str, object]]:
        """What the code opens, of all that was ever written: a storage is append-only."""
        info = HKDF(hashes.SHA256(), 32, self.survey, transcript("booth/key"))
        key = AESGCM(info.derive(read_code(self.written)))
        found: dict[bytes, dict[str, object]] = {}
        for _, raw in self._files():
            for text in (raw, raw.replace(b"\0", b"")):
                for match in _HEX.finditer(text):
                    sealed = bytes.fromhex(match.group()[: len(match.group()) // 2 * 2].decode())
                    try:
                        found[sealed] = json.loads(key.decrypt(sealed[:12], sealed[12:], None))
                    except InvalidTag:
                        continue
        return list(found.values())

    def marks_found(self) -> list[str]:
        """Fields that no device may keep, in what the code opens; and states of rows that a browser wrote
        down itself.
        """
        told = [field for kept in self.kept() for field in kept if field not in FIELDS]
        rows = [name for name, raw in self._files() if b"row-0-" in raw or "row-0-".encode("utf-16le") in raw]
        return told + rows


def unpacked(raw: bytes) -> bytes:
    """One LZ4 block, as Firefox packs what it restores a session from."""
    out, at = bytearray(), 0
    while at < len(raw):
        token, at = raw[at], at + 1
        length = token >> 4
        if length == 15:
            while True:
                more, at = raw[at], at + 1
                length += more
                if more != 255:
                    break
        out += raw[at : at + length]
        at += length
        if at >= len(raw):
            break
        back, at = int.from_bytes(raw[at : at + 2], "little"), at + 2
        length = (token & 15) + 4
        if token & 15 == 15:
            while True:
                more, at = raw[at], at + 1
                length += more
                if more != 255:
                    break
        for _ in range(length):
            out.append(out[-back])
    return bytes(out)
