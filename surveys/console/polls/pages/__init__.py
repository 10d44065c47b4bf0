"""The pages of a round after freezing."""
