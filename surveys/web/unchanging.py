"""Bytes that never change as they go over the wire: compressed once, not at every request, and named by a
hash of themselves (ETag).

A static file is addressed by its hash too (`?h=`): what such an address answers never changes, so a
browser keeps it and does not ask again. A file is read anew when it has changed on the disk.
Danger: only what lies under the static folder, or is the same for everybody, comes here; nothing that depends
on who asks is ever kept.
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import Self

import brotli
from flask import Request, Response
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

WORTH = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/wasm")
LEAST_BYTES = 500
BROTLI_QUALITY = 9
GZIP_LEVEL = 9
HASH = "h"
HASH_DIGITS = 16
FOR_EVER = "public, max-age=31536000, immutable"
PARTS = 256


@dataclass(frozen=True, slots=True)
class Packed:
    """Bytes in each encoding that makes them smaller."""

    mimetype: str
    bodies: Mapping[str, bytes]
    etag: str

    @classmethod
    def of(cls, raw: bytes, mimetype: str, made: bytes | None = None) -> Self:
        """Pack them; `made` is their Brotli form, where somebody has made it already."""
        bodies = {"": raw}
        if len(raw) >= LEAST_BYTES and mimetype.startswith(WORTH):
            packed = {
                "br": made or brotli.compress(raw, quality=BROTLI_QUALITY),
                "gzip": gzip.compress(raw, GZIP_LEVEL, mtime=0),
            }
            bodies |= {encoding: body for encoding, body in packed.items() if len(body) < len(raw)}
        return cls(mimetype, bodies, sha256(raw).hexdigest()[:32])

    def answer(self, request: Request) -> Response:
        """In an encoding that the browser takes, or 304 where it has it."""
        wanted = request.accept_encodings
        encoding = next((each for each in ("br", "gzip") if each in self.bodies and wanted[each] > 0), "")
        response = Response(self.bodies[encoding], mimetype=self.mimetype)
        response.set_etag(self.etag + encoding)
        if encoding:
            response.headers["Content-Encoding"] = encoding
        if len(self.bodies) > 1:
            response.vary.add("Accept-Encoding")
        return response.make_conditional(request, accept_ranges=False)  # type: ignore[return-value]


@lru_cache(PARTS)
def packed(raw: bytes, mimetype: str) -> Packed:
    """Part of a vote that is the same for everybody and for ever, packed once as long as it is asked for."""
    return Packed.of(raw, mimetype)


@cache
def unchanging(folder: Path) -> Unchanging:
    """The static files of a folder, which all applications of a process share."""
    return Unchanging(folder)


class Unchanging:
    """The files under one folder. A form that the build has made (`booth.js.br`) is taken as it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, tuple[tuple[int, int], Packed]] = {}
        self._lock = threading.Lock()

    def digits(self, name: str) -> str:
        """The hash that the address of a file says so that its answer may be kept. Raises NotFound."""
        return self._file(name).etag[:HASH_DIGITS]

    def answer(self, name: str, request: Request) -> Response:
        """The file, or 304. For ever, where it is asked for by its hash; an old page that asks for another
        gets the present one, which its browser then refuses or does not keep. Raises NotFound.
        """
        file = self._file(name)
        response = file.answer(request)
        if request.args.get(HASH) == file.etag[:HASH_DIGITS]:
            response.headers["Cache-Control"] = FOR_EVER
        return response

    def _file(self, name: str) -> Packed:
        joined = safe_join(str(self._folder), name)
        if joined is None or not (path := Path(joined)).is_file():
            raise NotFound
        status = path.stat()
        changed = status.st_mtime_ns, status.st_size
        with self._lock:
            known = self._files.get(name)
            if known is None or known[0] != changed:
                known = self._files[name] = changed, _made(path)
            return known[1]


def _made(path: Path) -> Packed:
    raw, beside = path.read_bytes(), path.with_name(f"{path.name}.br")
    made = beside.read_bytes() if beside.is_file() else None
    if made is not None and brotli.decompress(made) != raw:
        made = None  # of an earlier build
    return Packed.of(raw, guess_type(path.name)[0] or "application/octet-stream", made)
