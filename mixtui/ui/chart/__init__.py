"""Charts of a response, drawn in characters."""
