"""The tree of saved requests."""
