"""What an erasure finds beside records that refer to the Patient: who is held, identified, attached, or never came."""

import pytest
from erasure import GONE, MARK, STAYS, fill, observation, person, put
from rest_client import serving
from test_erase import erased, everything_stored, marked
from test_import_job import import_body, lines

from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError

IDENTIFIER = person(GONE)["identifier"]
BUNDLE = {"resourceType": "Bundle", "id": "held", "type": "collection"}


@pytest.fixture
def rest(prepared):
    with serving(prepared) as rest:
        fill(rest)
        yield rest


@pytest.mark.parametrize(
    "resource",
    [
        observation("c", STAYS, contained=[person(GONE) | {"id": "m"}], performer=[{"reference": "#m"}]),
        BUNDLE | {"entry": [{"resource": person(GONE)}, {"resource": person(STAYS)}]},
        BUNDLE | {"entry": [{"resource": {**person(GONE), "identifier": []}}, {"resource": person(STAYS)}]},
        {
            "resourceType": "RelatedPerson",
            "id": "r",
            "patient": {"reference": f"Patient/{STAYS}"},
            "name": [{"text": MARK}],
        }
        | {"identifier": IDENTIFIER},
        {"resourceType": "Person", "id": "p", "name": [{"text": MARK}], "identifier": IDENTIFIER},
        person("double") | {"identifier": [*IDENTIFIER, {"value": "9"}]},
    ],
    ids=["contained", "bundle", "bundle by ids", "relation", "person", "double"],
)
def test_who_is_named_by_an_identifier_or_held_goes_too(rest, resource):
    resource = json.parse(json.dumps(resource).replace(b'"identifier":[],', b""))
    path = f"{resource['resourceType']}/{resource['id']}"
    assert rest.put(resource).status_code == 201 and MARK in rest.get(path).get_data(as_text=True)
    erased(rest)
    assert marked(rest.registry.store) == set()
    if rest.get(path).status_code == 200:
        assert rest.registry.validator.validate(rest.read(path)) == []
        assert rest.put(rest.read(path) | {"language": "de"}).status_code == 200  # it is like any other again
    else:
        assert resource["resourceType"] in ("RelatedPerson", "Person") and rest.get(path).status_code == 410


def document(id, subject, *urls):
    content = [{"attachment": {"contentType": "application/pdf", "url": url}} for url in urls]
    told = {"status": "current", "subject": {"reference": f"Patient/{subject}"}, "content": content}
    return {"resourceType": "DocumentReference", "id": id, **told}


def test_what_is_attached_goes_unless_others_have_it_too(rest):
    def binary(id, **members):
        return {"resourceType": "Binary", "id": id, "contentType": "application/pdf", "data": "enFtYXJr", **members}

    others = {"securityContext": {"reference": f"Patient/{STAYS}"}}
    held = [binary("own"), binary("by-url"), binary("shared"), binary("of-other", **others), binary("free")]
    urls = ["Binary/own", "http://localhost/fhir/Binary/by-url/_history/1", "Binary/shared", "Binary/of-other"]
    documents = [document("a", STAYS, "Binary/shared"), document("b", GONE, *urls), document("c", STAYS, "Binary/free")]
    assert rest.push(*map(put, [*held, *documents])).status_code == 200
    assert rest.put(document("b", GONE, "Binary/shared")).status_code == 200  # those of older versions too
    assert erased(rest).resources == 8 + 3
    statuses = {each["id"]: rest.get(f"Binary/{each['id']}").status_code for each in held}
    assert statuses == {"own": 410, "by-url": 410, "shared": 200, "of-other": 200, "free": 200}


def test_who_never_came_is_erased_by_what_names_him(rest):
    """Records come in any order; their Patient, or the one that another was merged into, may never have."""
    merged = person("merged") | {"link": [{"other": {"reference": "Patient/never-came"}, "type": "replaced-by"}]}
    records = [merged, observation("of-merged", "merged"), observation("stray", "never-came")]
    assert rest.push(*map(put, records)).status_code == 200
    found = erased(rest, "never-came")
    assert (found.patients, found.resources) == (["merged", "never-came"], 3)
    for resource in (*records, person("never-came")):
        assert rest.get(f"{resource['resourceType']}/{resource['id']}").status_code == 410
        assert rest.put(resource).status_code == 422
    assert not any(b"never-came" in value for _, value in everything_stored(rest.registry.store))
    for id, kind in (("never-came", "deleted"), ("merged", "deleted"), ("nobody", "not-found")):
        with pytest.raises(FhirError) as refused:
            erased(rest, id)
        assert refused.value.kind == kind


def test_what_an_import_has_refused_goes(rest):
    """The message quotes the value, and the line has no id."""
    import_body(rest.registry, lines({"resourceType": "Patient", "name": [{"family": "A"}], "gender": MARK}))
    assert "job_error" in marked(rest.registry.store)
    erased(rest)
    assert marked(rest.registry.store) == set()


def linked(id, other, type="replaced-by"):
    return person(id) | {"link": [{"other": {"reference": f"Patient/{other}"}, "type": type}]}


def deleted(rest, patient):
    """Store a Patient and a record of it, and delete the Patient."""
    records = [patient, observation(f"of-{patient['id']}", patient["id"])]
    assert rest.push(*map(put, records)).status_code == 200
    assert rest.send("DELETE", f"Patient/{patient['id']}").status_code == 204


@pytest.mark.parametrize("asked", [GONE, "middle", "far"])
def test_who_was_merged_and_then_deleted_goes_too(rest, asked):
    """Over who was deleted, by a link in either direction, from whichever end."""
    deleted(rest, linked("middle", GONE) | {"name": [{"text": MARK}]})
    assert rest.push(put(linked("far", "middle")), put(observation("of-far", "far"))).status_code == 200
    deleted(rest, linked("near", GONE, "replaces"))
    deleted(rest, person("other"))
    assert erased(rest, asked).patients == sorted(["far", "middle", "near", GONE])
    for path in ("Patient/middle/_history/1", "Observation/of-middle", "Observation/of-far", "Observation/of-near"):
        assert rest.get(path).status_code == 410, path
    assert rest.get("Patient/other/_history/1").status_code == rest.get("Observation/of-other").status_code == 200
    assert marked(rest.registry.store) == set()
    again = person("again") | {"identifier": person("middle")["identifier"]}
    assert [rest.put(each).status_code for each in (person("middle"), again)] == [422, 422]


@pytest.mark.parametrize("gone", [False, True], ids=["there", "deleted"])
def test_who_was_told_apart_again_stays_and_loses_the_link(rest, gone):
    assert rest.put(linked("apart", GONE)).status_code == 201
    assert rest.push(put(person("apart")), put(observation("of-apart", "apart"))).status_code == 200
    if gone:
        assert rest.send("DELETE", "Patient/apart").status_code == 204
    assert erased(rest).patients == [GONE]
    assert "link" not in rest.read("Patient/apart/_history/1") and rest.read("Patient/apart/_history/2")["name"]
    assert rest.get("Observation/of-apart").status_code == 200 and marked(rest.registry.store) == set()


def test_who_is_merged_and_deleted_while_it_is_looked_for_goes_too(rest, monkeypatch):
    assert rest.put(linked("before", GONE)).status_code == 201
    store, write = rest.registry.store, rest.registry.store.write

    def write_after_others(site):
        monkeypatch.setattr(store, "write", write)
        assert rest.send("DELETE", "Patient/before").status_code == 204
        deleted(rest, linked("late", "before"))
        return write(site)

    monkeypatch.setattr(store, "write", write_after_others)
    assert erased(rest).patients == ["before", "late", GONE]
    assert rest.get("Patient/late/_history/1").status_code == rest.get("Observation/of-late").status_code == 410
