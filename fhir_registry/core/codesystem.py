"""The concepts of a CodeSystem and their hierarchy (https://hl7.org/fhir/R4/codesystem.html)."""

from ..fhir.errors import error

_PARENT = ("parent", "subsumedBy")
_HIERARCHY = {"is-a": (True, True), "descendent-of": (False, True), "is-not-a": (True, False)}  # (with itself, inside)


class CodeSystem:
    """A CodeSystem that can be asked; `url`.

    Raises FhirError (400, not-supported) that names the system for all that its resource does not tell.
    """

    def __init__(self, resource):
        self.url = resource["url"]
        self.version = resource.get("version")
        self._complete = resource["content"] == "complete"
        self._meaning = resource.get("hierarchyMeaning", "is-a")
        self._parent = frozenset(_PARENT) | _properties(resource, "parent")
        self._child = frozenset(["child"]) | _properties(resource, "child")
        self._declared = {each["code"] for each in resource.get("property", ())}
        self._concepts = {}  # code -> concept
        self._children, self._parents = {}, {}  # code -> set of codes
        self._add(resource.get("concept", ()), None)

    def codes(self):
        """Every code of the system."""
        self._need_all()
        return frozenset(self._concepts)

    def below(self, code):
        """The code and all that it subsumes."""
        return self._walk(code, self._children)

    def above(self, code):
        """The code and all that subsume it."""
        return self._walk(code, self._parents)

    def filter(self, property, operator, value):
        """The codes for which a ValueSet.compose.include.filter holds."""
        self._need_all()
        if operator in _HIERARCHY and property in ("concept", "code"):
            with_itself, inside = _HIERARCHY[operator]
            found = self.below(value)
            if not inside:
                return frozenset(self._concepts) - found
            return found if with_itself else found - {value}
        if operator in ("=", "in", "not-in", "exists"):
            wanted = {part.strip() for part in value.split(",")} if operator.endswith("in") else {value}
            return frozenset(code for code in self._concepts if self._holds(code, property, operator, wanted))
        raise self._refusal(f"the filter {property} {operator}")

    def _holds(self, code, property, operator, wanted):
        found = self._values(code, property)
        if operator == "exists":
            return bool(found) == ("true" in wanted)
        return found.isdisjoint(wanted) if operator == "not-in" else not found.isdisjoint(wanted)

    def _values(self, code, property):
        """What a concept has in a property, as texts."""
        concept = self._concepts[code]
        if property in ("concept", "code"):
            return {code}
        if property == "display":
            return {concept["display"]} if "display" in concept else set()
        if property in self._parent:
            return self._parents.get(code, set())
        if property in self._child:
            return self._children.get(code, set())
        if property not in self._declared:
            raise self._refusal(f"the property {property}")
        return {_text(each) for each in concept.get("property", ()) if each["code"] == property}

    def _add(self, concepts, parent):
        waiting = [(concept, parent) for concept in concepts]
        while waiting:
            concept, parent = waiting.pop()
            code = concept["code"]
            self._concepts[code] = concept
            if parent is not None:
                self._link(parent, code)
            for each in concept.get("property", ()):
                if each["code"] in self._parent:
                    self._link(_text(each), code)
                elif each["code"] in self._child:
                    self._link(code, _text(each))
            waiting.extend((inner, code) for inner in concept.get("concept", ()))

    def _link(self, parent, child):
        self._children.setdefault(parent, set()).add(child)
        self._parents.setdefault(child, set()).add(parent)

    def _walk(self, code, links):
        self._need_all()
        if not self._children:
            raise self._refusal("a hierarchy")
        if self._meaning != "is-a":
            raise self._refusal(f"subsumption (its hierarchy is {self._meaning})")
        found, waiting = {code}, [code]
        while waiting:
            new = links.get(waiting.pop(), set()) - found
            found |= new
            waiting.extend(new)
        return frozenset(found)

    def _need_all(self):
        if not self._complete:
            raise self._refusal("all its concepts")

    def _refusal(self, what):
        return error("bad-request", "not-supported", f"The CodeSystem {self.url} is stored without {what}")


def _properties(resource, name):
    """The codes that a CodeSystem gives to the property of concepts that the standard calls `name`."""
    uri = f"http://hl7.org/fhir/concept-properties#{name}"
    return {each["code"] for each in resource.get("property", ()) if each.get("uri") == uri}


def _text(property):
    """The value of a concept's property as a filter writes it."""
    value = next(value for key, value in property.items() if key.startswith("value"))
    if isinstance(value, dict):
        return value.get("code", "")
    return str(value).lower() if isinstance(value, bool) else str(value)
