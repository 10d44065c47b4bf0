"""The pages of statements."""
