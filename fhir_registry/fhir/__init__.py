"""Facts of FHIR R4 that need no store and no configuration."""
