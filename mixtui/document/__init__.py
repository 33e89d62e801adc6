"""A body of any size as lines: layouts, folds, search, JSON paths, colours."""
