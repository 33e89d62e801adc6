"""Filter a body with jq, in a process that can be killed."""
