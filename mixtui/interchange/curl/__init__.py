"""Import curl commands: the shell's grammar, curl's options, and what they mean."""
