"""What leaders leave for the voters: pictures painted anew, reports that are PDFs, nothing else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from surveys.cli import main
from surveys.stores.exhibits import PHOTO_SIZE, Exhibits, NoSuchExhibit, NotAPhoto, NotAReport
from tests.journeys.polls import SURVEY, open_polls


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (500, 400), exif: bytes = b"") -> bytes:
    raw = io.BytesIO()
    Image.new("RGB", size, "teal").save(raw, kind, **({"exif": exif} if exif else {}))
    return raw.getvalue()


def test_a_photo_is_painted_anew_and_loses_where_it_was_taken(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of somebody"
    raw = a_picture(exif=exif.tobytes())
    assert b"Camera of somebody" in raw
    exhibits = Exhibits(tmp_path / "here")
    for kind in ("JPEG", "PNG", "WEBP"):
        exhibits.keep_photo(3, a_picture(kind))
    exhibits.keep_photo(3, raw)
    kept = exhibits.read("photo", 3)
    assert b"Camera" not in kept
    assert Image.open(io.BytesIO(kept)).size == PHOTO_SIZE
    assert (exhibits.listed("photo"), exhibits.listed("report")) == ((3,), ())
    with pytest.raises(NoSuchExhibit):
        exhibits.read("report", 3)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        a_picture("GIF"),
        a_picture()[:200],
        a_picture("PNG", (9000, 9000)),
    ],
)
def test_what_is_no_photo_is_refused_and_the_earlier_one_stays(tmp_path: Path, raw: bytes) -> None:
    exhibits = Exhibits(tmp_path)
    exhibits.keep_photo(0, a_picture())
    before = exhibits.read("photo", 0)
    with pytest.raises(NotAPhoto):
        exhibits.keep_photo(0, raw)
    assert exhibits.read("photo", 0) == before
    assert [path.name for path in tmp_path.iterdir()] == ["0.jpg"]


def test_a_report_is_a_pdf_of_some_size(tmp_path: Path) -> None:
    exhibits = Exhibits(tmp_path)
    exhibits.keep_report(1, b"%PDF-1.7 x")
    assert exhibits.read("report", 1) == b"%PDF-1.7 x"
    for raw in (b"<html>", b"%PDF-" + bytes(15_000_001)):
        with pytest.raises(NotAReport):
            exhibits.keep_report(1, raw)


def test_an_organizer_shows_them_by_a_command(tmp_path: Path) -> None:
    with open_polls(tmp_path / "instance", voters=4) as polls:
        polls.keyring.save(tmp_path / "instance" / "keyring.json")
        photo, report = tmp_path / "p.png", tmp_path / "r.pdf"
        photo.write_bytes(a_picture("PNG"))
        report.write_bytes(b"%PDF-1.7")
        command = ["round", "exhibit", SURVEY.hex(), "v002", "--instance", str(tmp_path / "instance")]
        done = CliRunner().invoke(main, [*command, "--photo", str(photo), "--report", str(report)])
        assert done.exit_code == 0, done.output
        assert (polls.exhibits.listed("photo"), polls.exhibits.listed("report")) == ((1,), (1,))
        assert CliRunner().invoke(main, [*command, "--photo", str(report)]).exit_code == 1
        assert CliRunner().invoke(main, command).exit_code == 2
        command[3] = "nobody"
        assert CliRunner().invoke(main, [*command, "--report", str(report)]).exit_code == 2
