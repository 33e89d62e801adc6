"""The command line: arguments to commands; imports late, so --help is instant."""
