"""The pictures of the documents: there in both languages, small, and each shown somewhere."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "static" / "pictures"
MOST_BYTES = 120_000


def _named(language: str) -> set[str]:
    return {path.name for path in (PICTURES / language).glob("*.png")}


def test_both_languages_have_the_same_pictures() -> None:
    assert _named("vi") == _named("en") != set()


def test_a_picture_is_small_and_is_one() -> None:
    for path in PICTURES.rglob("*.png"):
        assert path.stat().st_size <= MOST_BYTES, path.name
        with Image.open(path) as picture:
            picture.verify()


def test_every_picture_is_shown_somewhere() -> None:
    texts = [path.read_text("utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]]
    shown = "\n".join(texts)
    assert {path.name for path in PICTURES.rglob("*.png") if f"/{path.name}" not in shown} == set()
