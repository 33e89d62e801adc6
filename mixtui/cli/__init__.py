"""The command line: arguments to commands, and every error to one sentence.

Modules that ``--help`` needs import nothing but argparse; the rest comes in when a
command runs.
"""
