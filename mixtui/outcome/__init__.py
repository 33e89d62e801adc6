"""Interpret responses: outcomes, refusals, regions, rejected records, quotas, pages."""
