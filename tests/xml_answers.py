"""Answers in XML, as tests read them."""

from lxml import etree


def root(response):
    """The root element of an answer, whose content type must be FHIR's XML."""
    assert response.content_type == "application/fhir+xml; charset=utf-8", response.data
    return etree.fromstring(response.data)


def name(element):
    """The name of an element, without its namespace."""
    return etree.QName(element).localname


def value(element, path):
    """The attribute `value` of the first element at a path such as `entry/response/status`."""
    return element.find("/".join("{*}" + step for step in path.split("/"))).get("value")
