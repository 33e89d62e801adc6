"""Modal questions, and what copies, saves or opens a body elsewhere."""
