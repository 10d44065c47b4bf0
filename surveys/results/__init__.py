"""Results of a counted round: figures, minutes, exports, and the pages that show them. See docs/protocol.md
§13.
"""
