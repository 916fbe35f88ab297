"""What a request reads and writes is noted, and becomes its audit events (docs/audit.md, https://profiles.ihe.net/ITI/BALP/)."""

from ..core.audit import WRITES, Event, Part, seal
from ..core.compartment import PATIENT, REPORT
from ..fhir.errors import FhirError

BUNDLES = ("batch", "transaction")
_WRITES = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_CHANGES = {201: "create", 200: "update", 204: "delete"}  # status: of an import, where nobody asks by a method


class Trail:
    """Notes of one request, or job.

    event: the Event of it, as far as it is known. stored: whether the log has one of its writes. refused: those entries
    of a batch that were.
    """

    def __init__(self, event, store, base=None):
        self.event, self.stored, self.refused = event, False, []
        self._store, self._base, self._patients = store, base, store.rows.patients
        self._noted = {}  # id of a Patient, "" for none: {entry of a Part: None}

    def become(self, interaction):
        """Say what the request is, where that is known when it was read."""
        self.event = self.event._replace(interaction=interaction)

    def explain(self, reason):
        """Say why the client changes what it changes."""
        self.event = self.event._replace(reason=reason)

    # --- reading ------------------------------------------------------------------------------------

    def note_read(self, interaction, stored):
        """Note that a version (Stored) is answered."""
        self._note(self._of_version(stored), (interaction, stored.type, stored.id, stored.version))

    def note_history(self, interaction, versions):
        """Note that versions (Stored) are answered, of one resource or of many."""
        for stored in versions:
            if interaction == "history-instance":
                self._note(self._of_version(stored), (interaction, stored.type, stored.id, None))
            else:
                self.note_patients(self._of_version(stored), interaction)

    def note_found(self, bodies, interaction="operation"):
        """Note whom resources (bytes) are about that are answered among others."""
        self.note_patients({id_ for body in bodies for id_ in self._patients.of_body(body, self._base)}, interaction)

    def note_reports(self, reports):
        """Note whom reports (dicts) are about that are answered."""
        self.note_patients({id_ for each in reports for id_ in self._patients.of_resource(each, self._base)})

    def note_patients(self, ids, interaction="operation"):
        """Note that something about these patients is answered."""
        if ids:  # which of their resources is not told (BALP); that it was a search is, where the event is of a bundle
            self._note(ids, (interaction, "", "", None) if self.event.interaction in BUNDLES else None)

    def _of_version(self, stored):
        if stored.deleted:
            return {stored.id} if stored.type == PATIENT else ()
        return self._patients.of_body(stored.body, self._base)

    # --- writing ------------------------------------------------------------------------------------

    def note_writes(self, writer, entries):
        """Note what entries of a bundle, or one, have done in a write transaction."""
        there = _bodies(self._store, writer, [e for e in entries if e.outcome and not e.outcome.changed])
        before = self._before(writer, [entry.outcome for entry in entries if entry.outcome])
        for entry in entries:
            if outcome := entry.outcome:
                interaction = "read" if entry.match else _WRITES[entry.method]
                body = outcome.body or there.get((outcome.type, outcome.id))
                self._note_write(writer, interaction, outcome, body, before)

    def note_import(self, writer, outcomes):
        """Note the Outcomes of an import that have changed something."""
        before = self._before(writer, outcomes)
        for outcome in outcomes:
            if outcome.changed:
                self._note_write(writer, _CHANGES[outcome.status], outcome, outcome.body, before)

    def note_version(self, writer, stored):
        """Note a version (Stored) that this server has made itself."""
        interaction = "create" if stored.version == 1 else "update"
        self._note(self._written(writer, stored, stored.body), (interaction, stored.type, stored.id, stored.version))

    def keep(self, writer, status=None):
        """Store the event of what was noted, in the write transaction that it tells of. status: of HTTP."""
        event = self.take()._replace(status=status)
        self._store.audit.append(writer.connection, writer.site, WRITES, [seal(event, self._store.now())])
        self.stored = True

    def take(self):
        """The Event with all that was noted since the last one."""
        noted, self._noted = self._noted, {}
        parts = tuple(Part(id_, tuple(filter(None, entries))) for id_, entries in sorted(noted.items()))
        entries = {entry for part in parts for entry in part.entries if entry[2]}
        return self.event._replace(parts=parts, count=len(entries) or None)

    @property
    def is_empty(self):
        """Whether nothing was noted since the last event."""
        return not self._noted

    def _note_write(self, writer, interaction, outcome, body, before):
        type_, id_, version = outcome.type, outcome.id, outcome.version
        patients = self._written(writer, outcome, body) if outcome.status != 204 else self._deleted(writer, outcome)
        self._note(before.get((type_, id_, version), set()).union(patients), (interaction, type_, id_ or "", version))

    def _before(self, writer, outcomes):
        """{(type, id, version): whom the version before it was about} of what was updated: it is taken from these."""
        updated = [each for each in outcomes if each.status == 200 and each.changed and each.type != PATIENT]
        if not updated:
            return {}
        reader, connection, found = self._store.reader, writer.connection, {}
        states = reader.states(connection, writer.site, {(each.type, each.id) for each in updated})
        places = {(states[each.type, each.id].rid, each.version - 1): each for each in updated}
        try:
            for place, body in reader.versions(connection, places):
                made = places[place]
                found[made.type, made.id, made.version] = self._patients.of_body(body, self._base)
        except FhirError as problem:
            if problem.kind != "internal":  # damaged; what is stored over it mends that
                raise
        return found

    def _written(self, writer, outcome, body):
        rows = writer.references.get((outcome.type, outcome.id, outcome.version))
        if body and (rows is None or outcome.type == REPORT):
            return self._patients.of_body(body, self._base)
        return self._patients.of_rows(outcome.type, outcome.id, rows or (), self._base)

    def _deleted(self, writer, outcome):
        """Of what a deletion has deleted."""
        if outcome.type == PATIENT:
            return {outcome.id} if outcome.id else ()
        if not outcome.changed:
            return ()
        try:
            before = self._store.reader.read(
                writer.connection, writer.site, outcome.type, outcome.id, outcome.version - 1
            )
        except FhirError as problem:
            if problem.kind != "internal":  # damaged; it can be deleted for all that
                raise
            return ()
        return self._patients.of_body(before.body, self._base) if before else ()

    def _note(self, patients, entry):
        for patient in patients or ("",):
            self._noted.setdefault(patient, {})[entry] = None


def _bodies(store, writer, entries):
    """{(type, id): body} of what is stored, of entries that changed nothing and have no body."""
    wanted = {(e.outcome.type, e.outcome.id) for e in entries if e.outcome.status == 200 and not e.outcome.body}
    if not wanted:
        return {}
    states = store.reader.states(writer.connection, writer.site, wanted)
    found = store.reader.current(writer.connection, [state.rid for state in states.values()])
    return {(type_, id_): body for type_, id_, body in found.values()}


def dump_trail(registry):
    """What a job keeps of who asked for it, as JSON."""
    if registry.trail is None:
        return {}
    return {"trail": {name: value for name, value in registry.trail.event._asdict().items() if value}}


def load_trail(job, store):
    """The Trail of a job; None when none was kept."""
    told = job.parameters.get("trail")
    return told and Trail(Event(**told), store, job.parameters.get("home") or job.parameters.get("base"))
