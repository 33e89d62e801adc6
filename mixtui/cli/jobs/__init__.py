"""Run bulk jobs from the command line: plan, confirm, progress, summary."""
