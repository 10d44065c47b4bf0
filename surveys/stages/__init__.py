"""The stages of a vote, one file each: the only room that sees roll, box and committee together.

It holds no SQL and no cryptography: calls and values only. Every stage may be killed half-way and run again.
"""
