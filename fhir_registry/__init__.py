"""FHIR Registry: an oncology outcomes registry that speaks FHIR R4."""

__version__ = "0.1.0"
