"""Turn a draft into a prepared request, and preview the result."""
