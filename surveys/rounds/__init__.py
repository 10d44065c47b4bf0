"""Rounds: one year's vote, what it asks, of whom, and how far it has come. See docs/protocol.md §4."""
