"""Mutation testing: small mistakes are put into the code that the secrecy and the sums of a vote stand on,
one at a time, and the tests must notice (docs/decisions/0043, docs/security/mutants.md).
"""
