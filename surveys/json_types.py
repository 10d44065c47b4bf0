"""What JSON can say, as a type: what is written is built as this, what was read is this until a reader has
parsed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | None"
JsonObject: TypeAlias = Mapping[str, Json]
