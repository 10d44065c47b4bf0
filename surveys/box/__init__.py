"""The ballot box: takes ballots from anybody while polls are open, keeps them without order, seals them.

It knows ballot keys and ciphertexts, never a slip, a voter or a person (docs/protocol.md §9, §10).
"""
