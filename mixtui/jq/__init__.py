"""The jq filter of a body, run in a process that can be killed."""
