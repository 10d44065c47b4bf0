"""What the figures in README.md and in closing notes were measured with: `make bench`."""
