"""Import requests from other programs, and export them."""
