"""The three stores (app, roll, box) and the encrypted columns in them. See docs/operations.md."""
