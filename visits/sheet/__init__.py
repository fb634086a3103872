"""Visits that were written on paper, brought in as a table."""
