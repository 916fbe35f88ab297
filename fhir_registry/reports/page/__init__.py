"""A MeasureReport as a page that a person reads (https://hl7.org/fhir/R4/measurereport.html)."""

from .render import STYLE, render_page

__all__ = ["STYLE", "render_page"]
