"""The counting committee: its key ceremony and its count (docs/protocol.md §5, §12).

This room never sees the roll or the box: what it counts is handed to it as a value.
"""
