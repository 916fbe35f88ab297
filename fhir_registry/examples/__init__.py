"""Made-up patients for the three registries, with outcome numbers computed apart from the server."""
