"""What commands have in common stands once: the instance's option, its stores opened and closed, how a
refusal ends a command.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from surveys.commands.kit import opened
from surveys.errors import SurveysError
from surveys.instance.held import open_stores
from surveys.settings import Settings, read_settings

COMMANDS = Path(__file__).resolve().parents[2] / "surveys" / "commands"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({}, instance=tmp_path / "instance")


def test_a_refusal_is_printed_ends_with_status_1_and_lets_the_instance_go(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, opened(settings):
        raise SurveysError("too early")
    assert ended.value.code == 1
    assert capsys.readouterr().err == "Refused: too early\n"
    open_stores(settings, alone=True).close()


def test_what_is_no_refusal_goes_on_and_lets_the_instance_go_too(settings: Settings) -> None:
    with pytest.raises(ZeroDivisionError), opened(settings):
        raise ZeroDivisionError
    open_stores(settings, alone=True).close()


def holding(text: str) -> set[str]:
    return {path.name for path in COMMANDS.glob("*.py") if text in path.read_text("utf-8")}


def test_no_command_has_an_option_or_an_opening_of_its_own() -> None:
    assert holding('"--instance"') == {"kit.py"}
    # Who serves keeps the stores until the server ends.
    assert holding("open_stores(") == {"kit.py", "serving.py", "instance.py", "room.py"}
    assert holding("refuse(error)") == {"kit.py"}
