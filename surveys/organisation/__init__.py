"""The organisation: the tree of units, the people, their posts, gradings, and earlier results counted on
paper.
"""
