"""What of all that is stored is of one person alone, and what names the person beside others (docs/consent.md).

(https://hl7.org/fhir/R4/compartmentdefinition-patient.html)
"""

import re

from ..core.naming import PERSONS, Named, named, own_identifiers, without
from ..fhir import json
from ..fhir.errors import FhirError
from ..fhir.references import split_reference
from ..store.persons import join

_PLACES = re.compile(rb'"(?:reference|fullUrl)":"([^"\\]+)"')
_ATTACHED = re.compile(rb'"url":"([^"\\]*Binary/[^"\\]+)"')
_HOLDING = "Bundle"  # what it holds may be told by type and id alone
_MERGED = ("replaced-by", "replaces")  # types of Patient.link between records of one person


class Scope:
    """Learns from histories of resources what goes (`gone`) and what is changed (`shared`).

    patients: ids of the person's Patients. identifiers: {(system, value)} of these. types: of the compartment of a
    Patient. base: URL of this server; references that begin with it are to resources here.
    """

    def __init__(self, patients, identifiers, types, base):
        self.patients, self.identifiers, self._types, self._base = patients, identifiers, types, base
        self.gone, self.shared = {}, {}  # rid -> (type, id); rid -> History
        self._links = {}  # rid of a Patient with links -> (id, {ids here, and URLs, of Patients})
        self._keys = {("Patient", id_) for id_ in patients}
        self._attached = _Attached(base)
        self._values = [json.dumps(value)[1:-1] for _, value in identifiers]

    @property
    def names(self):
        """{(type, id)} of what goes."""
        return {*self._keys, *self.gone.values()}

    @property
    def pattern(self):
        """A pattern of texts (bytes) by which requests tell of the person: by id, references, identifiers, searches."""
        ids = b"|".join(re.escape(id_.encode()) for id_ in sorted(self.patients))
        values = b"|".join(map(re.escape, sorted(self._values)))
        ways = [rb"Patient/(?:%b)(?![A-Za-z0-9\-])" % ids, rb'"Patient",\s*"id":\s*"(?:%b)"' % ids]
        if values:
            ways.append(rb'(?:"value":\s*"|\||%%7[Cc])(?:%b)(?![A-Za-z0-9])' % values)
        return re.compile(b"|".join(ways))

    def may_be_told(self, sent):
        """Whether JSON as a client sent it (bytes) tells of the person, or may: it holds a trace and cannot be read."""
        values = (re.escape(value) for value in (*map(str.encode, self.patients), *self._values))
        if not re.search(b"|".join([rb"\\[u/]", *values]), sent):  # an escape may stand for anything
            return False
        try:
            return self.pattern.search(json.dumps(_in_order(json.parse_sent(sent)))) is not None
        except FhirError:
            return True

    def linked(self, id):
        """The ids of a Patient and of all that links join to it, by the last version of each that was learned from.

        So who was deleted is one of them still; who has the link no more was told apart again.
        """
        pairs = ((one, other) for one, others in self._links.values() for other in others)
        return {each for each in join(pairs, {id}) if "/" not in each}

    def learn(self, histories):
        """Judge these, again when they were judged before; whether something else goes than before."""
        before = set(self._keys), set(self._attached.leads)
        for history in histories:
            self._keys.discard(self.gone.pop(history.rid, None))
            self.shared.pop(history.rid, None)
            if history.type == "Patient":
                self._note_links(history)
            if history.type == "Patient" and history.id in self.patients:
                self.gone[history.rid] = "Patient", history.id
            elif history.type == _HOLDING or any(map(self._may_name, history.bodies.values())):
                self._judge(history)
            if history.rid in self.gone:
                self._keys.add(self.gone[history.rid])
            self._attached.note(history, history.rid in self.gone)
        for key, rid in self._attached.rids.items():
            self._keys.discard(self.gone.pop(rid, None))
            if self._attached.leads[key] <= self.gone.keys():
                self.gone[rid] = key
                self._keys.add(key)
        return (self._keys, self._attached.leads.keys()) != before

    def is_gone(self, found):
        """Whether a Named names what goes."""
        return not self._places(found).isdisjoint(self._keys) or not found.identifiers.isdisjoint(self.identifiers)

    def rewritten(self):
        """Yield the histories of `shared`, with texts that do not name the person."""
        for history in self.shared.values():
            bodies = {number: json.parse(body) for number, body in history.bodies.items()}
            yield history._replace(
                bodies={
                    number: json.dumps(without(resource, self.is_gone))
                    for number, resource in bodies.items()
                    if self.is_gone(named(resource))
                }
            )

    def _note_links(self, history):
        self._links.pop(history.rid, None)
        newest = history.bodies[max(history.bodies)] if history.bodies else b""
        if b'"link":' in newest:
            links = [each for each in json.parse(newest).get("link", ()) if each.get("type") in _MERGED]
            told = {each.get("other", {}).get("reference", "") for each in links}
            parts = set(map(split_reference, told)) - {None}
            others = {id_ for type_, id_ in self._places(Named(parts, set())) if type_ == "Patient"}
            self._links[history.rid] = history.id, others

    def _judge(self, history):
        found = Named(set(), set())
        for body in history.bodies.values():
            told = named(json.parse(body))
            found.references.update(told.references)
            found.identifiers.update(told.identifiers)
        own = history.type, history.id
        places = self._places(found) - {own}
        patients = {place for place in (*places, own) if place[0] == "Patient"}
        if not found.identifiers.isdisjoint(self.identifiers):
            patients.add(min(("Patient", id_) for id_ in self.patients))
        # Without a patient it is of those whose records it is about, such as a Provenance.
        about = patients or {place for place in places if place[0] in self._types}
        if (about and about <= self._keys) or self._is_person(history):
            self.gone[history.rid] = own
        elif not (places | patients).isdisjoint(self._keys):
            self.shared[history.rid] = history

    def _is_person(self, history):
        """Whether this is the person in another role, by an identifier; another Patient is not, without a link."""
        if history.type == "Patient" or history.type not in PERSONS or not history.bodies:
            return False
        newest = json.parse(history.bodies[max(history.bodies)])
        return not own_identifiers(newest).isdisjoint(self.identifiers)

    def _places(self, found):
        """{(type, id)}; the id of what stands on another server is its URL."""
        return {
            (type_, id_ if base in (None, self._base) else f"{base}/{id_}") for base, type_, id_ in found.references
        }

    def _may_name(self, body):
        """Whether a text may name what goes; parsing all of them would take ten times as long."""
        if any(value in body for value in self._values):
            return True
        return any(self._is_key(value.decode()) for value in _PLACES.findall(body))

    def _is_key(self, value):
        parts = split_reference(value.partition("#")[0])
        return parts is not None and parts[1:] in self._keys


def _in_order(node):
    """The same JSON, with type and id of resources where the pattern looks for them: in front."""
    if type(node) is list:
        return [_in_order(each) for each in node]
    if type(node) is not dict:
        return node
    front = {name: node[name] for name in ("resourceType", "id") if name in node}
    return front | {name: _in_order(value) for name, value in node.items()}


class _Attached:
    """Binaries, ("Binary", id), to which the URL of an attachment leads (https://hl7.org/fhir/R4/datatypes.html#Attachment).

    leads: of those to which something leads that goes, the numbers of all that lead there. rids: their own numbers,
    where they do not say themselves whose they are.
    """

    def __init__(self, base):
        self._base, self.leads, self.rids = base, {}, {}

    def note(self, history, goes):
        """Note what a History leads to, of which it is known whether it goes; or that it is such a Binary."""
        for key in self._urls(history):
            if goes or key in self.leads:
                self.leads.setdefault(key, set()).add(history.rid)
        own = history.type, history.id
        if own in self.leads and not any(b'"securityContext":' in body for body in history.bodies.values()):
            self.rids[own] = history.rid

    def _urls(self, history):
        found = (url.decode(errors="replace") for body in history.bodies.values() for url in _ATTACHED.findall(body))
        parts = (split_reference(url) for url in found)
        return {
            (type_, id_) for base, type_, id_ in filter(None, parts) if base in (None, self._base) and type_ == "Binary"
        }
