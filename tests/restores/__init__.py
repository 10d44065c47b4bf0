"""Stores that are put back: recognised where they are older, and put back by the program itself."""
