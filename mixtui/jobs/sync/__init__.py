"""Keep things of a project in files: pull them, and push what was changed."""
