"""Every refusal of the house has a status and a sentence in both languages."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import surveys
from surveys.errors import SurveysError
from surveys.protocol.errors import BadProof, Rejected
from surveys.web.sentences import key, sentence, table


def _leaves(kind: type[SurveysError]) -> set[type[SurveysError]]:
    below = [
        leaf
        for child in kind.__subclasses__()
        if child.__module__.startswith("surveys.")
        for leaf in _leaves(child)
    ]
    return set(below) or {kind}


@pytest.fixture(scope="module")
def errors() -> set[str]:
    for module in pkgutil.walk_packages(surveys.__path__, "surveys."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {key(leaf) for leaf in _leaves(SurveysError)}


def test_every_error_has_a_sentence_and_every_sentence_an_error(errors: set[str]) -> None:
    assert sorted(errors - set(table())) == []
    assert sorted(set(table()) - errors) == []


@pytest.mark.parametrize("name", sorted(table()))
def test_a_sentence_is_whole_in_both_languages(name: str) -> None:
    said = table()[name]
    assert said.status in {400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503}
    assert set(said.words) == {"vi", "en"}
    for words in said.words.values():
        assert words.title
        assert len(words.text) > 30
        assert words.text.endswith(".")
    assert said.words["vi"].text != said.words["en"].text
    assert re.search(r"[ăâđêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụỳýỷỹỵ]", said.words["vi"].text)
    assert said.words["en"].text.isascii()


def test_an_error_below_a_known_one_speaks_with_its_words() -> None:
    class StrangeProof(BadProof):
        """A kind of bad proof that only this test knows."""

    error = StrangeProof(check="8.5", where="row[0]", why="no")
    assert sentence(error) == table()["protocol.errors.BadProof"]


def test_an_error_without_words_is_not_passed_over() -> None:
    with pytest.raises(LookupError, match=r"protocol\.errors\.Rejected"):
        sentence(Rejected(check="1", where="here", why="no"))


@pytest.mark.parametrize(
    "name", sorted(name for name in table() if name.startswith(("box.", "roll.", "web.errors.")))
)
def test_refusals_that_voters_read_have_sentences_of_at_most_twenty_words(name: str) -> None:
    """Of Vietnamese every syllable is counted as a word."""
    for words in table()[name].words.values():
        for each in re.split(r"(?<=[.!?…])\s", words.text):
            assert len(re.findall(r"\S*\w\S*", each)) <= 20, each
