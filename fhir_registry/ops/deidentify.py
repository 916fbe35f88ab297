"""The resources of a site, told so that they do not say whose they are (docs/deidentification.md; https://hl7.org/fhir/R4/secpriv-module.html#deId)."""

from collections import Counter, defaultdict
from datetime import UTC, datetime

from ..content.deidentification import load_rules
from ..core.anonymity import Anonymity
from ..core.compartment import PatientCompartments
from ..core.deidentify import Disguise, deidentify
from ..core.pseudonyms import Pseudonyms
from ..endpoints.repeats import find_repeats
from ..endpoints.usable import usable_data
from ..endpoints.withdrawal import ERASE, last_day
from ..fhir import json
from ..fhir.dates import SECOND
from ..store.facts import read_facts
from ..store.persons import local, read_mergers
from ..store.withdrawals import read_withdrawals
from .withdrawn import days_of

NOBODY = ""
_NEVER = 2**31  # a cut-off after every day


class Deidentifier:
    """Tells resources of one site under one key, for one purpose, of one moment.

    rules: what may be told. left_out: Counter of (type, reason). anonymity: of what was told. last: {surviving Patient
    id: last day that is told, None: nothing} of those who have withdrawn.
    """

    def __init__(self, registry, connection, site, key, purpose, linked=(), base=None, persons=None):
        """site: (number, name). key: bytes. linked: systems of identifiers, as in Disguise. base: of this server.

        persons: as in Pseudonyms.
        """
        number, name = site
        content, store = registry.content, registry.store
        self.rules = load_rules(content.definitions, content.concept_maps)
        self.left_out, self.anonymity = Counter(), Anonymity()
        self._content, self._base = content, base
        self._compartments = PatientCompartments(content.search_params, content.definitions, elsewhere=True)
        self._disguise = Disguise(
            self.rules,
            Pseudonyms(key, purpose, name, persons),
            frozenset(linked),
            lambda *place: place in registry.owned,
            base,
            datetime.fromtimestamp(store.now() // SECOND, UTC).date(),
        )
        mergers = read_mergers(store, connection, number, base)
        self._survivor = {member: survivor for survivor, members in mergers.items() for member in members}
        self._rows, self._repeats = store.rows, set()
        for facts in read_facts(store, connection, number, base=base):
            # In another registry nobody would know which of them was written first.
            self._repeats.update(row.source.resource for row in find_repeats(usable_data(facts, _NEVER)))
        withdrawn = defaultdict(list)
        for patient, withdrawal in read_withdrawals(store, connection, number):  # also of who is no Patient here
            if patient == NOBODY:
                continue
            id_ = local(patient, "Patient", base)
            withdrawn[self._survivor.get(id_, id_)].append(withdrawal)
        self.last = {person: _last_day(withdrawals) for person, withdrawals in withdrawn.items()}

    def tell(self, type, id, body):
        """A stored resource (its text as bytes) de-identified, as bytes; None when it is left out."""
        if f"{type}/{id}" in self._repeats:
            return self._leave_out(type, "repeat")
        resource = json.parse(body)
        about = self._compartments.of_resource(resource, self._base)
        persons = {self._survivor.get(patient, patient) for patient in about}
        if len(persons) > 1:
            return self._leave_out(type, "several-patients")
        if not persons and type in self._content.definitions.compartments["Patient"]:
            return self._leave_out(type, "no-patient")
        person = next(iter(persons), NOBODY)
        last = self.last.get(person, _NEVER)
        if last is None:
            return self._leave_out(type, "withdrawn")
        if any(day > last for day in days_of(self._rows, resource)):
            if type != "Patient":
                return self._leave_out(type, "withdrawn")
            resource = {name: value for name, value in resource.items() if not name.startswith("deceased")}
        told = deidentify(resource, self._disguise, person)
        if told is None:
            return self._leave_out(type, "incomplete")
        self.anonymity.add(told)
        return json.dumps(told)

    def survives(self, id):
        """Whether a Patient is not one that was merged into another."""
        return self._survivor.get(id, id) == id

    def _leave_out(self, type, reason):
        self.left_out[type, reason] += 1


def _last_day(withdrawals):
    """The last day of a person's data that is told; None when nothing is, for what is handed out cannot be erased."""
    if any(each.mode == ERASE for each in withdrawals):
        return None
    return last_day(((each.mode, each.day) for each in withdrawals), _NEVER)
