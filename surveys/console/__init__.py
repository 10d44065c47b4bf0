"""What staff do and see at their desk, a folder a feature: verbs, forms and pages together."""
