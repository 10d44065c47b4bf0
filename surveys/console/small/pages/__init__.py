"""The pages of the small vote."""
