"""Static files as they go over the wire: compressed once, not at every request, and named by a hash of their
bytes (ETag).

A file is read anew when it has changed on the disk. Whether a browser may keep it at all is said by
`surveys/web/headers.py`.
Danger: only what lies under the application's static folder comes here; nothing that depends on who asks is
ever kept.
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

import brotli
from flask import Request, Response
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

WORTH = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/wasm")
LEAST_BYTES = 500
BROTLI_QUALITY = 10
GZIP_LEVEL = 9


@dataclass(frozen=True, slots=True)
class _File:
    changed: tuple[int, int]
    mimetype: str
    bodies: Mapping[str, bytes]
    etag: str


class Unchanging:
    """The files under one folder, each in every encoding that makes it smaller."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _File] = {}
        self._lock = threading.Lock()

    def answer(self, name: str, request: Request) -> Response:
        """The file in an encoding that the browser takes, or 304 where it has it. Raises NotFound."""
        file = self._file(name)
        wanted = request.accept_encodings
        encoding = next((each for each in ("br", "gzip") if each in file.bodies and wanted[each] > 0), "")
        response = Response(file.bodies[encoding], mimetype=file.mimetype)
        response.set_etag(file.etag + encoding)
        if encoding:
            response.headers["Content-Encoding"] = encoding
        if len(file.bodies) > 1:
            response.vary.add("Accept-Encoding")
        return response.make_conditional(request, accept_ranges=False)  # type: ignore[return-value]

    def _file(self, name: str) -> _File:
        joined = safe_join(str(self._folder), name)
        if joined is None or not (path := Path(joined)).is_file():
            raise NotFound
        status = path.stat()
        changed = status.st_mtime_ns, status.st_size
        with self._lock:
            known = self._files.get(name)
            if known is None or known.changed != changed:
                known = self._files[name] = _made(path, changed)
            return known


def _made(path: Path, changed: tuple[int, int]) -> _File:
    raw = path.read_bytes()
    mimetype = guess_type(path.name)[0] or "application/octet-stream"
    bodies = {"": raw}
    if len(raw) >= LEAST_BYTES and mimetype.startswith(WORTH):
        packed = {
            "br": brotli.compress(raw, quality=BROTLI_QUALITY),
            "gzip": gzip.compress(raw, GZIP_LEVEL, mtime=0),
        }
        bodies |= {encoding: body for encoding, body in packed.items() if len(body) < len(raw)}
    return _File(changed, mimetype, bodies, sha256(raw).hexdigest()[:32])
