"""What an account finds when it signs in."""
