"""Fuzzing of everything that reads text from others; `python -m tests.fuzz --help`."""
