"""The screen of SQL over files: the query, and its rows as table, chart and JSON."""
