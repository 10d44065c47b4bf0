"""The verifier's page: its flow without a document, and its words, which are those of the first verifier."""

from __future__ import annotations

import json

from surveys.audit.titles import TITLES
from tests.client.node import node


def test_its_flow_shows_no_verdict_but_a_report() -> None:
    done = node("--test", "tests/audit_flow.test.ts")
    assert done.returncode == 0, done.stdout[-4000:]


def test_both_verifiers_call_each_check_the_same_in_both_languages() -> None:
    script = """
      const { WORDS } = await import(`${process.cwd()}/src/pages/audit/words.ts`);
      console.log(JSON.stringify(WORDS));
    """
    done = node("--input-type=module", "--eval", script)
    assert done.returncode == 0, done.stderr
    words = json.loads(done.stdout)
    for language, place in (("en", 0), ("vi", 1)):
        said = {
            name.removeprefix("check_"): text
            for name, text in words[language].items()
            if name.startswith("check_")
        }
        assert list(said) == list(TITLES)
        assert said == {number: titles[place] for number, titles in TITLES.items()}
