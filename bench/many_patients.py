"""Many patients, written straight into the mapped tables: all that evaluations read, no resources, no search indexes.

Some hundred patients of lipusu-her2 are pushed as bundles. Their mapped rows are copied, each copy with ids of its own
and with one of many sets of dates: moved, and stretched from the first dose on.
"""

import random
import tempfile

from sqlalchemy import update

from fhir_registry.content.registry import load_content
from fhir_registry.core.mapping import DATES, table_columns
from fhir_registry.examples import Example
from fhir_registry.fhir.dates import day_interval, from_day
from fhir_registry.ops import ingest
from fhir_registry.ops.open import open_registry

REGISTRY, SITE = "lipusu-her2", 1
TEMPLATES = 400  # patients that are pushed
VARIANTS = 64  # histories that are made of each
HEAD = 6  # columns in front of those of the view


def patient_id(number):
    """The Patient id of copy `number`."""
    return f"00000000-0000-7000-8000-{number:012d}"


def make_many_patients(path, patients):
    """Write `patients` copies to a new SQLite file; returns the number of mapped rows, one a resource."""
    content = load_content()
    layout = {view.name: _Layout(view) for view in content.views}
    templates = read_templates(content, layout)
    registry = open_registry(f"sqlite:///{path}", content)
    rng = random.Random(REGISTRY)
    made = rows = 0
    copies = -(-patients // TEMPLATES)  # of each template
    for variant in range(min(copies, VARIANTS)):
        histories = [vary(template, layout, rng) for template in templates]
        for _ in range(variant, copies, VARIANTS):
            some = histories[: patients - made]
            with registry.store.database.write(1) as connection:
                rows += write_copies(registry.store, connection, some, layout, made, rows)
            made += len(some)
    with registry.store.database.write(1) as connection:
        connection.execute(update(registry.store.tables.site).values(submission=made + 1))
    registry.close()
    return rows


class _Layout:
    """Where the columns stand in the rows of a view's table, those of the store left out."""

    def __init__(self, view):
        names = [name for name, _ in table_columns(view)]
        self.id = names.index("id")
        self.patient = names.index("patient") if "patient" in names else None
        self.medication = names.index("medication") if "medication" in names else None
        self.start = names.index("start_lo") if view.name == "medication_administration" else None
        dated = [name for name, type_, collection in view.columns if type_ in DATES and not collection]
        self.dates = [names.index(name) for name in dated]


def read_templates(content, layout):
    """[{view: rows of a patient and of the Medications that they name}] of pushed patients."""
    with tempfile.TemporaryDirectory() as folder:
        registry = open_registry(f"sqlite:///{folder}/templates.sqlite", content)
        for bundle in Example(REGISTRY, TEMPLATES, seed=1).bundles():
            ingest.bundle(registry, SITE, bundle, "http://localhost/fhir")
        with registry.store.read(1) as connection:
            tables = {
                view: [list(row)[HEAD:] for row in connection.exec_driver_sql(f'SELECT * FROM "{view}" ORDER BY _id')]
                for view in layout
            }
        registry.close()
    medications = {row[layout["medication"].id]: row for row in tables["medication"]}
    templates = {row[layout["patient"].id]: {"medication": []} for row in tables["patient"]}
    for view, place in layout.items():
        for row in tables[view] if place.patient is not None else ():
            template = templates[row[place.patient]]
            template.setdefault(view, []).append(row)
            named = place.medication is not None and row[place.medication]
            if named and medications[named] not in template["medication"]:
                template["medication"].append(medications[named])
    return list(templates.values())


def vary(template, layout, rng):
    """A template with its dates moved by up to 60 days, and stretched by up to a quarter from the first dose on."""
    place = layout["medication_administration"]
    first = min(row[place.start] for row in template["medication_administration"])
    shift, stretch = rng.randint(-60, 60), rng.uniform(0.8, 1.25)

    def move(literal):
        lo, hi = day_interval(literal)
        day = (lo + hi) // 2
        moved = day + shift if day <= first else first + shift + round((day - first) * stretch)
        # As precise as it was: the end of a date is its year, month, or day with a time.
        literal = str(from_day(moved))[: len(literal)] + literal[10:]
        return [literal, *day_interval(literal)]

    def vary_row(row, dates):
        row = list(row)
        for at in dates:
            if row[at] is not None:
                row[at : at + 3] = move(row[at])
        return row

    return {view: [vary_row(row, layout[view].dates) for row in rows] for view, rows in template.items()}


def write_copies(store, connection, histories, layout, made, rid):
    """Write one copy of each history, the first with the number `made`; returns the number of rows."""
    written = {view: [] for view in layout}
    start = rid
    for number, history in enumerate(histories, made):
        ids, patient = {}, patient_id(number)
        for view, rows in history.items():
            place = layout[view]
            for row in rows:
                rid += 1
                row = list(row)
                # What is a patient's has the number of the patient at the end, in its key too.
                template_id = row[place.id]
                row[place.id] = patient if view == "patient" else _name(ids, template_id, number)
                if place.patient is not None:
                    row[place.patient] = patient
                if place.medication is not None and row[place.medication]:
                    row[place.medication] = _name(ids, row[place.medication], number)
                written[view].append((SITE, rid, row[place.id], 1, number + 1, 0, *row))
    for view, rows in written.items():
        store.bulk.insert(connection, view, rows)
    return rid - start


def _name(ids, template_id, number):
    return ids.setdefault(template_id, f"{len(ids):08x}-0000-7000-8000-{number:012d}")
