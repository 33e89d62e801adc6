"""Charts: recognised by the shape of a response, with their figures."""
