"""Instances of releases that were published: each lives on here, and is upgraded in a test."""
