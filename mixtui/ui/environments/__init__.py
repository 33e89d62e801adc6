"""The screen of environments, and the form that edits one."""
