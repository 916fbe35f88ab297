"""One function per walk; the only place where transactions are opened."""
