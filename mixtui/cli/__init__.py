"""The command line: arguments to commands, and every error to one sentence.

``main``, ``parsing``, ``console`` and ``commands/`` are loaded for every ``--help`` and
import nothing but argparse. The rest is loaded when a command runs: ``arguments``,
``hints``, ``page_text``, ``quiet_sender`` and ``secret_source``, which several share;
``send/``, ``request_import``, ``environment_setup``, ``history_entry`` and
``operation_page``, the long work of one.
"""
