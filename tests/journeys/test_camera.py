"""A slip before the camera, inside the booth: a Chromium whose camera shows a film."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Playwright, expect

from tests.journeys.barriers import without_barrier
from tests.journeys.browsers import chromium, own_chromium
from tests.journeys.polls import Polls, open_polls
from tests.journeys.voter import Voter

WIDTH, HEIGHT = 640, 480


@pytest.fixture(scope="module")
def polls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polls]:
    with open_polls(Path(tmp_path_factory.mktemp("polls")), voters=6) as opened:
        yield opened


def film(path: Path, text: str) -> Path:
    """A film in which nothing moves: the QR code of this text on grey, as a camera sees a sheet of paper."""
    rows = [bytes(row) for row in segno.make(text, error="m").matrix_iter(scale=8, border=4)]
    wide = len(rows)
    grey = bytearray(b"\x90" * (WIDTH * HEIGHT))
    left, top = (WIDTH - wide) // 2, (HEIGHT - wide) // 2
    for y, row in enumerate(rows):
        at = (top + y) * WIDTH + left
        grey[at : at + wide] = bytes(35 if dark else 225 for dark in row)
    frame = b"FRAME\n" + bytes(grey) + b"\x80" * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 2)
    return path


@contextmanager
def before_the_camera(driver: Playwright, folder: Path, text: str, address: str) -> Iterator[Voter]:
    """A voter at the booth whose camera sees this text."""
    flags = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film(folder / 'film.y4m', text)}",
        "--lang=vi",
    )
    with own_chromium(driver, folder / "profile", chromium("the camera"), *flags) as browser:
        yield Voter.at(browser.contexts[0], address)


def test_a_slip_is_scanned_inside_the_booth(polls: Polls, driver: Playwright, tmp_path: Path) -> None:
    code = polls.slip()
    with before_the_camera(driver, tmp_path, f"{polls.booth}#{code}", f"{polls.booth}?lang=vi") as voter:
        voter.sees("code")
        assert not any("decoder" in request.url for request in voter.requests), "loaded when it is needed"
        voter.page.get_by_role("button", name="Quét mã bằng camera").click()
        voter.vote(1, 2, 3)
        assert code not in voter.page.evaluate("JSON.stringify([...Array(history.length), location.href])")
        assert all(code not in request.url for request in voter.requests)


def test_a_code_that_is_no_slip_is_told_and_the_camera_goes_on(
    polls: Polls, driver: Playwright, tmp_path: Path
) -> None:
    with before_the_camera(driver, tmp_path, "https://example.org/", f"{polls.booth}?lang=vi") as voter:
        voter.sees("code")
        voter.page.get_by_role("button", name="Quét mã bằng camera").click()
        voter.sees("scan")
        expect(voter.page.locator("#scanned")).to_contain_text("không phải mã QR trên giấy mời")
        without_barrier(voter.page)
        voter.page.get_by_role("button", name="Nhập mã bằng tay").click()
        voter.sees("code")
