"""A challenged ballot laid open: its body and what it was made of (docs/protocol.md 8.8).

It shows how somebody marked a ballot that was never cast. Danger: a ballot that is opened must not be cast;
without token and signature it cannot be.
"""

from __future__ import annotations

from dataclasses import dataclass

from surveys.protocol import canonical
from surveys.protocol.ballot import Ballot, check_opening
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Malformed
from surveys.protocol.group import Scalar
from surveys.protocol.manifest import Manifest

OPENING_FORMAT = "tin-nhiem/opening/2"
MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Opening:
    """The body, and for each row the choice (0 … L) and the randomness."""

    body: bytes
    choices: tuple[int, ...]
    randomness: tuple[Scalar, ...]

    def encode(self) -> bytes:
        """Canonical bytes of the opening file."""
        return canonical.encode(
            {
                "format": OPENING_FORMAT,
                "body": self.body.hex(),
                "choices": list(self.choices),
                "randomness": [r.encode().hex() for r in self.randomness],
            }
        )

    def check(self, manifest: Manifest) -> Ballot:
        """The ballot that this opens, whose tracker to compare. Raises Rejected for a body that holds
        anything else.
        """
        return check_opening(self.body, self.choices, self.randomness, manifest)


def decode_opening(raw: bytes) -> Opening:
    """Parse strictly. Raises Malformed(check="8.8")."""
    fields = Fields(canonical.decode(raw, check="8.8", where="opening"), check="8.8", where="opening")
    if fields.text("format", 100) != OPENING_FORMAT:
        raise Malformed(check="8.8", where="opening.format", why=f"not {OPENING_FORMAT}")
    opening = Opening(
        body=fields.hex("body", None),
        choices=tuple(fields.integers("choices", MOST_ROWS)),
        randomness=tuple(
            Scalar.decode(r, check="8.8", where=f"opening.randomness[{i}]")
            for i, r in enumerate(fields.hexes("randomness", MOST_ROWS, 32))
        ),
    )
    fields.done()
    return opening
