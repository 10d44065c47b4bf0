"""The check character catches every typing error that it promises to catch (6.2)."""

from __future__ import annotations

from itertools import combinations

import pytest

from surveys.protocol.codes import ALPHABET, read_code, read_sheet, write_code, write_sheet
from surveys.protocol.errors import Malformed
from surveys.protocol.words import syllable, words_of
from tests.vectors.book import randomness

TAKE = randomness("codes that are typed")
CODES = [write_code(TAKE(10)).replace("-", "") for _ in range(12)] + ["0" * 17]
SHEETS = [list(write_sheet(TAKE(32))) for _ in range(3)]


def _read(text: str) -> bool:
    try:
        read_code(text)
    except Malformed:
        return False
    return True


@pytest.mark.parametrize("code", CODES)
def test_every_single_wrong_character_is_noticed(code: str) -> None:
    assert _read(code)
    for i, right in enumerate(code):
        for wrong in set(ALPHABET) - {right}:
            assert not _read(code[:i] + wrong + code[i + 1 :])


@pytest.mark.parametrize("code", CODES)
def test_every_exchange_of_two_characters_is_noticed(code: str) -> None:
    exchanged = 0
    for i, j in combinations(range(17), 2):
        if code[i] != code[j]:
            letters = list(code)
            letters[i], letters[j] = letters[j], letters[i]
            assert not _read("".join(letters))
            exchanged += 1
    assert exchanged > 90 or code == "0" * 17


def test_a_sum_of_digits_would_let_an_exchange_through() -> None:
    """The twin: without weights the check of two exchanged characters is the same."""
    values = [ALPHABET.index(letter) for letter in CODES[0]]
    plain = 0
    for value in values[:16]:
        plain ^= value
    again = 0
    for value in [values[1], values[0], *values[2:16]]:
        again ^= value
    assert plain == again


@pytest.mark.parametrize("groups", SHEETS, ids=lambda groups: groups[0])
def test_a_wrong_character_on_a_sheet_names_its_group(groups: list[str]) -> None:
    read_sheet(" ".join(groups))
    for g, group in enumerate(groups):
        for i, right in enumerate(group):
            for wrong in set(ALPHABET) - {right}:
                changed = [*groups[:g], group[:i] + wrong + group[i + 1 :], *groups[g + 1 :]]
                with pytest.raises(Malformed) as refused:
                    read_sheet(" ".join(changed))
                assert refused.value.where == f"sheet.group[{g + 1}]"


@pytest.mark.parametrize("groups", [*SHEETS, list(write_sheet(bytes(32)))], ids=lambda groups: groups[0])
def test_any_two_groups_exchanged_are_noticed(groups: list[str]) -> None:
    for i, j in combinations(range(13), 2):
        changed = [*groups]
        changed[i], changed[j] = changed[j], changed[i]
        with pytest.raises(Malformed) as refused:
            read_sheet(" ".join(changed))
        assert refused.value.where == f"sheet.group[{i + 1}]"


def test_what_is_written_is_read() -> None:
    for _ in range(200):
        raw, seed = TAKE(10), TAKE(32)
        assert read_code(write_code(raw)) == raw
        assert read_sheet("\n".join(write_sheet(seed))) == seed


@pytest.mark.parametrize("mark", " -\u00a0–—\n\t")
def test_what_sets_groups_apart_is_not_read(mark: str) -> None:
    assert read_code(mark.join(CODES[0])) == read_code(CODES[0])


@pytest.mark.parametrize("mark", "!.,;:_/'\u200bUuŁ٣")
def test_any_other_sign_is_refused(mark: str) -> None:
    assert not _read(CODES[0] + mark)
    assert not _read(mark + CODES[0][1:])


def test_ten_bits_are_one_syllable_of_letters_and_no_two_sound_alike() -> None:
    syllables = [syllable(number) for number in range(1024)]
    assert len(set(syllables)) == 1024
    assert all(each.isalpha() for each in syllables)
    numbers = [0, 1023, 1, 512, 7, 64, 65, 255, 1000, 2, 3, 511]
    bits = "".join(f"{number:010b}" for number in numbers)
    digest = int(bits, 2).to_bytes(15, "big") + bytes(17)
    assert words_of(digest) == tuple(syllables[number] for number in numbers)
