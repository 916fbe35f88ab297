"""Estimates in, MeasureReport out."""
