"""One patient's mapped rows in, analysis rows out; no input or output."""
