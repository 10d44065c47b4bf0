"""The door of certified papers."""
