"""Transport: Flask routes, command line, push client."""
