"""What is done with the vectors of each clause, and which ones there are: a module a chapter of
docs/protocol.md.
"""

from tests.vectors.facts import (
    agreements,
    ballots,
    boards,
    ceremonies,
    confirmations,
    counts,
    definitions,
    documents,
    group,
    hashing,
    plans,
    receipts,
    slips,
    tokens,
)

ALL = (
    agreements,
    hashing,
    group,
    documents,
    definitions,
    ceremonies,
    confirmations,
    slips,
    tokens,
    ballots,
    boards,
    plans,
    receipts,
    counts,
)
