"""The request pane: method, API, URL, and the editors of its tabs."""
