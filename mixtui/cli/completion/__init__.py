"""Shell completion: what can stand at the cursor, and how each shell is told.

A script in the shell (``mixtui.bash``, ``_mixtui`` for zsh, ``mixtui.fish``) passes the words
to ``mixtui completions SHELL --complete``. `position` finds the argument at the cursor in the
parser of the one command, `values` lists what it can be, `shells` writes that as the script
reads it.
"""
