"""One thing has one name: words that the glossary has left stand nowhere where people read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT = {
    "giấy mời": r"phiếu mời|thư mời",
    "bộ phận tổ chức lấy phiếu": r"người tổ chức|ban tổ chức (?!tỉnh|trung)",
    "người giám sát độc lập": r"kiểm toán viên|người kiểm toán",
    "buổi tạo khóa": r"lễ tạo khóa|nghi thức tạo khóa",
}
READ = [
    *(ROOT / "translations").rglob("*.po"),
    *(ROOT / "templates").rglob("*.html"),
    *(ROOT / "docs" / "handbook" / "vi").glob("*.md"),
    *(ROOT / "surveys" / "web").glob("*.toml"),
    *(ROOT / "surveys" / "papers").rglob("*.py"),
    *(ROOT / "client" / "src").rglob("*.ts"),
]


@pytest.mark.parametrize("word", LEFT)
def test_a_word_that_was_left_stands_nowhere(word: str) -> None:
    pattern = re.compile(LEFT[word], re.IGNORECASE)
    found = {
        f"{path.relative_to(ROOT)}:{at}": line.strip()
        for path in READ
        for at, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    }
    assert found == {}, f"write “{word}”"
