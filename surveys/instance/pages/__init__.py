"""The doors of whoever runs the instance."""
