"""The screen that compares two responses, by path or by line."""
