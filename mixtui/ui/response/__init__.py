"""The response pane: status, body viewer, search, filter, and the tabs beside the body."""
