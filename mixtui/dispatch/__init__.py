"""Sends a prepared request and does everything that every request gets: quota, outcome, history."""
