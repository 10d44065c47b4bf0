"""DANGER: everything that touches a secret of a voter, a trustee or the server. Five callers, named in a
contract.
"""
