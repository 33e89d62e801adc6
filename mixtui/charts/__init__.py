"""What of an answer can be drawn: recognised by its shape, and its figures in words."""
