"""Static files: smaller where the browser takes it, named by their bytes, sent once, and never from outside
their folder.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest
from flask import Response
from werkzeug.exceptions import NotFound
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from surveys.web import unchanging
from surveys.web.unchanging import FOR_EVER, Unchanging, packed

SCRIPT = b"const words = 'the same again';\n" * 200


@pytest.fixture
def files(tmp_path: Path) -> Unchanging:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.js").write_bytes(SCRIPT)
    (tmp_path / "static" / "small.css").write_bytes(b"p{}")
    (tmp_path / "static" / "photo.png").write_bytes(b"\x89PNG" * 400)
    (tmp_path / "secret.txt").write_text("no file of theirs", "utf-8")
    return Unchanging(tmp_path / "static")


def _request(**headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(EnvironBuilder(headers=list(named.items())).get_environ())


def _answer(files: Unchanging, name: str, **headers: str) -> Response:
    return files.answer(name, _request(**headers))  # type: ignore[arg-type]


def test_a_browser_gets_the_smallest_form_that_it_takes(files: Unchanging) -> None:
    br, gz, plain = (_answer(files, "a.js", Accept_Encoding=a) for a in ("gzip, br", "gzip", "identity"))
    assert brotli.decompress(br.data) == gzip.decompress(gz.data) == plain.data == SCRIPT
    assert [a.headers.get("Content-Encoding") for a in (br, gz, plain)] == ["br", "gzip", None]
    assert len({a.get_etag() for a in (br, gz, plain)}) == 3
    assert all(a.headers["Vary"] == "Accept-Encoding" for a in (br, gz, plain))
    assert all(a.mimetype == "text/javascript" for a in (br, gz, plain))


def test_a_form_that_is_refused_is_not_sent(files: Unchanging) -> None:
    assert _answer(files, "a.js", Accept_Encoding="br;q=0, gzip").headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in _answer(files, "a.js").headers


def test_what_the_browser_has_is_not_sent_again(files: Unchanging) -> None:
    first = _answer(files, "a.js", Accept_Encoding="br")
    again = _answer(files, "a.js", Accept_Encoding="br", If_None_Match=first.headers["ETag"])
    assert again.status_code == 304
    assert _answer(files, "a.js", If_None_Match=first.headers["ETag"]).status_code == 200


def test_small_files_and_pictures_stay_as_they_are(files: Unchanging) -> None:
    for name in ("small.css", "photo.png"):
        answer = _answer(files, name, Accept_Encoding="br, gzip")
        assert "Content-Encoding" not in answer.headers
        assert "Vary" not in answer.headers


def test_a_file_is_compressed_once_and_anew_when_it_changes(
    files: Unchanging, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    make = unchanging._made

    def counted(path: Path) -> object:
        made.append(path)
        return make(path)

    monkeypatch.setattr(unchanging, "_made", counted)
    first = _answer(files, "a.js").get_etag()
    _answer(files, "a.js", Accept_Encoding="br")
    assert len(made) == 1
    (tmp_path / "static" / "a.js").write_bytes(SCRIPT + b"// changed")
    assert _answer(files, "a.js").get_etag() != first
    assert len(made) == 2


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "nothing.js", "", "a.js/x"])
def test_nothing_outside_the_folder_is_sent(files: Unchanging, name: str) -> None:
    with pytest.raises(NotFound):
        _answer(files, name)


def test_what_is_asked_for_by_its_hash_is_kept_for_ever_and_nothing_else_is(
    files: Unchanging, tmp_path: Path
) -> None:
    def asked(digits: str, **headers: str) -> Response:
        request = Request(
            EnvironBuilder(query_string={"h": digits}, headers=list(headers.items())).get_environ()
        )
        return files.answer("a.js", request)  # type: ignore[arg-type]

    digits = files.digits("a.js")
    assert asked(digits).headers["Cache-Control"] == FOR_EVER
    again = asked(digits, **{"If-None-Match": asked(digits).headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, FOR_EVER)
    (tmp_path / "static" / "a.js").write_bytes(SCRIPT + b"// changed")
    for other in (digits, "", "0" * 16):
        assert "Cache-Control" not in asked(other).headers
    assert files.digits("a.js") != digits


def test_a_form_that_the_build_made_is_taken_unless_it_is_of_another_build(
    files: Unchanging, tmp_path: Path
) -> None:
    beside = tmp_path / "static" / "a.js.br"
    for made, taken in ((brotli.compress(SCRIPT, quality=3), True), (brotli.compress(b"older"), False)):
        beside.write_bytes(made)
        (tmp_path / "static" / "a.js").touch()
        answer = _answer(Unchanging(tmp_path / "static"), "a.js", Accept_Encoding="br")
        assert (answer.data == made) is taken
        assert brotli.decompress(answer.data) == SCRIPT


def test_a_part_of_a_vote_is_compressed_once_however_often_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compress, counted = brotli.compress, []

    def count(*given: object, **named: object) -> object:
        counted.append(given)
        return compress(*given, **named)

    monkeypatch.setattr(brotli, "compress", count)
    request = _request(Accept_Encoding="br")
    for _ in range(3):
        answer = packed(b"[" + SCRIPT + b"]", "application/json").answer(request)  # type: ignore[arg-type]
        assert brotli.decompress(answer.data) == b"[" + SCRIPT + b"]"
    assert len(counted) == 1
