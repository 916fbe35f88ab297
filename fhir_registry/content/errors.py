"""What is wrong with content, found at start (https://hl7.org/fhir/R4/conformance-module.html)."""


class ContentError(Exception):
    """Content that cannot be used.

    file: path or canonical URL of the resource; element: FHIRPath location in it; message: what is wrong.
    """

    def __init__(self, file, element, message):
        self.file = str(file)
        self.element = element
        self.message = message
        super().__init__(self.file, element, message)  # what another process makes it from

    def __str__(self):
        return f"{self.file}: {self.element}: {self.message}"
