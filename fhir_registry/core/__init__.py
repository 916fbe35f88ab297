"""Resource dict in, rows or plans out; no input or output."""
