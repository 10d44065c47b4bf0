"""What leaders leave for the voters, and what voters are told: pictures painted anew, reports that are PDFs,
a document that is whole.
"""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from surveys.cli import main
from surveys.names import RoundId
from surveys.stores.exhibits import (
    PHOTO_SIZE,
    AnnouncementsDamaged,
    Exhibits,
    NoSuchExhibit,
    NotAPhoto,
)
from surveys.stores.notices import Announcements, Notice
from surveys.stores.reports import NotAReport, rewritten
from tests.faults.dying import ends, kill_before_step
from tests.journeys.polls import SURVEY, open_polls
from tests.stores.pdfs import a_pdf


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
    exhibits.keep_report(1, a_pdf())
    assert exhibits.read("report", 1) == rewritten(a_pdf())
    for raw in (b"<html>", b"%PDF-" + bytes(15_000_001)):
        with pytest.raises(NotAReport):
            exhibits.keep_report(1, raw)


def test_an_organizer_shows_them_by_a_command(tmp_path: Path) -> None:
    with open_polls(tmp_path / "instance", voters=4) as polls:
        polls.stores.keyring.save(tmp_path / "instance" / "keyring.json")
        photo, report = tmp_path / "p.png", tmp_path / "r.pdf"
        photo.write_bytes(a_picture("PNG"))
        report.write_bytes(a_pdf())
        command = [
            "round",
            "exhibit",
            RoundId(SURVEY.hex()),
            "v002",
            "--instance",
            str(tmp_path / "instance"),
        ]
        done = CliRunner().invoke(main, [*command, "--photo", str(photo), "--report", str(report)])
        assert done.exit_code == 0, done.output
        assert (polls.exhibits.listed("photo"), polls.exhibits.listed("report")) == ((1,), (1,))
        assert CliRunner().invoke(main, [*command, "--photo", str(report)]).exit_code == 1
        assert CliRunner().invoke(main, command).exit_code == 2
        command[3] = "nobody"
        assert CliRunner().invoke(main, [*command, "--report", str(report)]).exit_code == 2


def a_notice(text: str) -> Announcements:
    return Announcements(notices=(Notice(None, text, text),))


def test_what_is_told_is_read_again_and_nothing_is_told_before(tmp_path: Path) -> None:
    exhibits = Exhibits(tmp_path / "here")
    assert exhibits.announcements() == Announcements()
    assert exhibits.tell(lambda: a_notice("Gia hạn")) == exhibits.announcements() == a_notice("Gia hạn")
    exhibits.keep_report(0, a_pdf())
    assert (exhibits.listed("photo"), exhibits.listed("report")) == ((), (0,))


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"answers":[],"closes":null,"notices":[]} '])
def test_a_damaged_document_is_not_taken_for_nothing(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "told.json").write_bytes(raw)
    with pytest.raises(AnnouncementsDamaged):
        Exhibits(tmp_path).announcements()
    Exhibits(tmp_path).tell(Announcements)
    assert Exhibits(tmp_path).announcements() == Announcements()


def both_tell(exhibits: Exhibits) -> Announcements:
    """One works out what is told, looks at the facts and is slow; meanwhile another one changes the facts and
    tells.
    """
    facts = ["before"]
    looked, changed = threading.Event(), threading.Event()

    def slow() -> Announcements:
        seen = facts[-1]
        looked.set()
        changed.wait(0.3)  # the other one cannot tell while this one does
        return a_notice(seen)

    def change() -> None:
        looked.wait(10)
        facts.append("after")
        exhibits.tell(lambda: a_notice(facts[-1]))
        changed.set()

    with ThreadPoolExecutor(2) as pool:
        for each in (pool.submit(exhibits.tell, slow), pool.submit(change)):
            each.result(10)
    return exhibits.announcements()


def test_whoever_tells_last_has_seen_what_the_others_did(tmp_path: Path) -> None:
    assert both_tell(Exhibits(tmp_path / "one")) == a_notice("after")


def test_without_the_lock_voters_would_be_told_what_was_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin."""
    (tmp_path / "one").mkdir()
    monkeypatch.setattr(Exhibits, "_alone", lambda _: nullcontext())
    assert both_tell(Exhibits(tmp_path / "one")) == a_notice("before")


def test_photo_and_report_of_a_leader_kept_at_once_are_not_mixed_up(tmp_path: Path) -> None:
    exhibits, picture = Exhibits(tmp_path / "here"), a_picture()
    report = a_pdf(pages=100)
    with ThreadPoolExecutor(4) as pool:
        for each in [
            pool.submit(keep, 3, raw)
            for _ in range(10)
            for keep, raw in ((exhibits.keep_photo, picture), (exhibits.keep_report, report))
        ]:
            each.result()
    assert exhibits.read("report", 3) == rewritten(report)
    assert Image.open(io.BytesIO(exhibits.read("photo", 3))).size == PHOTO_SIZE
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == ["3.jpg", "3.pdf"]


def test_killed_at_any_step_the_document_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    seen = set()
    for number in range(1, 20):
        exhibits = Exhibits(tmp_path / str(number))
        exhibits.tell(lambda: a_notice("old"))
        ended = ends(lambda e=exhibits: e.tell(lambda: a_notice("new")), kill_before_step(number))  # type: ignore[misc]
        seen.add(exhibits.announcements())
        exhibits.tell(lambda: a_notice("again"))
        assert [path.name for path in (tmp_path / str(number)).iterdir()] == ["told.json"]
        if ended:
            break
    assert number > 2
    assert seen == {a_notice("old"), a_notice("new")}


def hostile_pictures() -> dict[str, bytes]:
    """Pictures that hold more than pixels; each holds the word SECRET."""
    plain, exif = a_picture(), Image.Exif()
    exif[0x9286], exif[0x8825] = "SECRET", {1: "N", 2: (21.0, 1.0, 30.0)}
    comment, chunks = io.BytesIO(), PngInfo()
    Image.new("RGB", (500, 400)).save(comment, "JPEG", comment=b"SECRET", icc_profile=b"SECRET" * 30)
    chunks.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>SECRET<script>alert(1)</script></x:xmpmeta>")
    named, frames = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (500, 400)).save(named, "PNG", pnginfo=chunks)
    Image.new("RGB", (500, 400)).save(
        frames, "WEBP", save_all=True, append_images=[Image.new("RGB", (500, 400), "red")], xmp=b"SECRET"
    )
    return {
        "where it was taken": a_picture(exif=exif.tobytes()),
        "a comment and a profile": comment.getvalue(),
        "a script beside the picture": named.getvalue(),
        "a film": frames.getvalue(),
        "a program behind the end": plain + b"PK\x03\x04SECRET<?php SECRET ?>",
        "a page in front of the end": plain[:2] + b"\xff\xfe\x00\x16<script>SECRET</sc>" + plain[2:],
    }


def test_colours_below_what_is_transparent_do_not_come_to_light(tmp_path: Path) -> None:
    for kind in ("PNG", "WEBP"):
        raw = io.BytesIO()
        below = Image.new("RGBA", (500, 400), (255, 0, 0, 0))
        below.save(raw, kind, **({"exact": True, "lossless": True} if kind == "WEBP" else {}))
        Exhibits(tmp_path).keep_photo(0, raw.getvalue())
        kept = Image.open(io.BytesIO(Exhibits(tmp_path).read("photo", 0)))
        assert below.convert("RGB").getpixel((9, 9)) == (255, 0, 0), "the twin: the alpha left out"
        assert kept.getpixel((9, 9)) == (255, 255, 255)


@pytest.mark.parametrize("name", hostile_pictures())
def test_of_a_hostile_picture_only_pixels_stay(name: str, tmp_path: Path) -> None:
    raw = hostile_pictures()[name]
    assert b"SECRET" in raw, "the twin: kept as it came, it would be there"
    Exhibits(tmp_path).keep_photo(0, raw)
    kept = Exhibits(tmp_path).read("photo", 0)
    assert b"SECRET" not in kept
    picture = Image.open(io.BytesIO(kept))
    assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", PHOTO_SIZE, {})
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
