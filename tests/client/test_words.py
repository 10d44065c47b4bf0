"""Members compare eight words: the browser and the command line must say the same ones."""

from __future__ import annotations

import json

from surveys.committee.words import in_words
from tests.client.node import node

HASHES = [bytes(32), bytes([255]) * 32, bytes(range(32)), bytes(range(100, 132)), b"\x7f\x00\x00\x01" * 8]


def test_browser_and_command_line_say_the_same_words() -> None:
    script = """
      const { inWords } = await import(`${process.cwd()}/src/pages/trustee/proquints.ts`);
      const { fromHex } = await import(`${process.cwd()}/src/core/octets.ts`);
      console.log(JSON.stringify(process.argv.slice(1).map((hash) => inWords(fromHex(hash)).join(" "))));
    """
    done = node("--input-type=module", "--eval", script, *(each.hex() for each in HASHES))
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said == [in_words(each) for each in HASHES]
    assert len(set(said)) == len(HASHES)
    # The proposal's own example: 127.0.0.1 is lusab-babad.
    assert said[-1].startswith("lusab babad")
