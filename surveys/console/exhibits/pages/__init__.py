"""The pages of what voters read."""
