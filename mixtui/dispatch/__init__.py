"""Send a prepared request with everything that belongs to it: quota, outcome, history."""
