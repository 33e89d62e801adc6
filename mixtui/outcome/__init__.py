"""Interpret responses: outcome, refusals, regions, rejected records, quota, pages."""
