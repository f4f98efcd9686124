"""Notebooks compared by meaning and merged by cell."""
