"""What voters read is short, in both languages (client/tests/short_sentences.test.ts)."""

from __future__ import annotations

from tests.client.node import node


def test_voters_read_sentences_of_at_most_twenty_words() -> None:
    done = node("--test", "tests/short_sentences.test.ts")
    assert done.returncode == 0, done.stdout + done.stderr
