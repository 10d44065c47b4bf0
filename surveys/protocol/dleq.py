"""Equal logarithms: log_G Y = log_A D without telling the logarithm (Chaum-Pedersen; docs/protocol.md 5.6,
12.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from surveys.protocol.canonical import Fields
from surveys.protocol.errors import BadProof
from surveys.protocol.group import Point, Scalar, base_multiply, multiply


@dataclass(frozen=True, slots=True)
class DleqProof:
    """Commitments K1 = wG and K2 = wA, response z = w + cx."""

    g: Point
    a: Point
    response: Scalar

    def as_json(self) -> dict[str, str]:
        """{"g", "a", "response"} in hex."""
        return {
            "g": self.g.encode().hex(),
            "a": self.a.encode().hex(),
            "response": self.response.encode().hex(),
        }

    def check(self, c: Scalar, key: Point, base: Point, share: Point, *, check: str, where: str) -> None:
        """zG = K1 + cY and zA = K2 + cD. Raises BadProof."""
        if base_multiply(self.response) != self.g + multiply(key, c):
            raise BadProof(
                check=check, where=f"{where}.proof", why="the share is not by the holder of this key"
            )
        if multiply(base, self.response) != self.a + multiply(share, c):
            raise BadProof(
                check=check, where=f"{where}.proof", why="the share is not this key's share of this sum"
            )


def decode_dleq(fields: Fields) -> DleqProof:
    """Parse {"g", "a", "response"}; the identity is allowed in `a` (its base may be the identity)."""
    where = fields.where
    proof = DleqProof(
        g=Point.decode(fields.hex("g", 32), check=fields.check, where=f"{where}.g"),
        a=Point.decode(fields.hex("a", 32), check=fields.check, where=f"{where}.a", identity=True),
        response=Scalar.decode(fields.hex("response", 32), check=fields.check, where=f"{where}.response"),
    )
    fields.done()
    return proof
