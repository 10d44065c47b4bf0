"""The roll of voters: which slips exist, who was present, which slip has asked for its ballot paper.

It knows slips, never a ballot, a ballot key or a token (docs/protocol.md §6, §7).
"""
