"""Letters and reminders of a round, as the desk sees them."""
