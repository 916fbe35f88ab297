"""Counts in, estimates out; the only place of lifelines."""
