"""The pictures of the results pages: each takes values and a voice, and gives a figure with its table. See
docs/decisions/0018.
"""
