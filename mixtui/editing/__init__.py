"""Help while a value is typed: suggestions, dates, expressions, JSON values."""
