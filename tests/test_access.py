"""What a client may do by its scopes, walk by walk (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html).

Expected answers follow from the table of letters in that page, not from the program.
"""

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from fhir_registry.core.access import Access
from fhir_registry.core.paging import Client
from fhir_registry.core.scopes import dump_access, load_access, parse_scopes
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import history as histories
from fhir_registry.ops import ingest
from fhir_registry.ops.everything import everything
from fhir_registry.ops.history import history
from fhir_registry.ops.read import read, vread
from fhir_registry.ops.search import search

SITE, BASE = 1, "https://registry.hospital.org/fhir"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
LABORATORY = f"category={CATEGORY}|laboratory"


def observation(id, category, status="final", **others):
    coded = {"category": [{"coding": [{"system": CATEGORY, "code": category}]}]} if category else {}
    subject = {"reference": "Patient/p"}
    return {"resourceType": "Observation", "id": id, "status": status, "code": {"text": "x"}, "subject": subject} | (
        coded | others
    )


@pytest.fixture
def registry(registry):
    """A patient with laboratory results o0 and o3, vital signs o1, an observation o2 of no category, an encounter e."""
    patient = {"resourceType": "Patient", "id": "p", "name": [{"family": "Adams"}]}
    encounter = {"resourceType": "Encounter", "id": "e", "status": "planned", "class": {"code": "AMB"}}
    encounter["subject"] = {"reference": "Patient/p"}
    for resource in (
        patient,
        encounter,
        observation("o0", "laboratory", encounter={"reference": "Encounter/e"}),
        observation("o1", "vital-signs", encounter={"reference": "Encounter/e"}),
        observation("o2", None),
        observation("o3", "laboratory"),
    ):
        ingest.update(registry, SITE, resource["resourceType"], resource["id"], resource)
    return registry


def with_scopes(registry, scopes):
    return replace(
        registry.with_audit_log(), access=Access("client", parse_scopes(scopes, registry.content.search_params))
    )


def found(registry, path, **asked):
    """The ids that a search answers, in order, outcomes without one as None; or its status."""
    pairs = [(name.replace("__", ":"), value) for name, value in asked.items()]
    return ids(lambda: search(registry, SITE, path, pairs, Client(BASE)))


def ids(walk):
    try:
        bundle = json.parse(walk())
    except FhirError as problem:
        return problem.status
    return [entry["resource"].get("id") for entry in bundle.get("entry", [])]


def status(walk, *arguments):
    """The id of what a walk answers, or its status."""
    try:
        return walk(*arguments).id
    except FhirError as problem:
        return problem.status


def versions(registry, *place):
    """The versions of a history as (id, version), or its status."""
    try:
        bundle = json.parse(history(registry, SITE, [], Client(BASE), *place))
    except FhirError as problem:
        return problem.status
    return [
        (entry["resource"]["id"], int(entry["resource"]["meta"]["versionId"])) if "resource" in entry else "deleted"
        for entry in bundle.get("entry", [])
    ]


# --- the grammar ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, letters",
    [
        ("system/Patient.rs", "rs"),
        ("system/*.cruds", "cruds"),
        ("user/Patient.r", "r"),
        ("system/Patient.read", "rs"),
        ("system/Patient.write", "cud"),
        ("system/Patient.*", "cruds"),
        (f"system/Observation.rs?{LABORATORY}", "rs"),
        ("system/Patient.dus", None),  # out of order
        ("system/Patient.", None),
        ("system/Patient.rsx", None),
        ("system/Patient.reads", None),
        ("system/Nothing.rs", None),
        ("system/patient.rs", None),
        ("patient/Patient.rs", None),  # no patient is in context
        ("openid", None),
        ("system/Patient.rs?", None),
        ("system/Patient.rs?shoe-size=43", None),
        ("system/Patient.rs?name=Adams", None),  # no token
        ("system/Observation.rs?category:not=x", None),
        ("system/Observation.rs?subject:Patient.gender=male", None),
        ("system/Observation.rs?_has:Provenance:target:agent=x", None),
        ("system/Observation.rs?category=", None),
        ("system/*.rs?_tag=x", None),  # of which type?
    ],
)
def test_a_scope_grants_what_it_says_or_nothing(content, text, letters):
    assert [scope.letters for scope in parse_scopes(text, content.search_params)] == ([letters] if letters else [])


def test_scopes_are_split_at_spaces_and_keep_their_words(content):
    text = f"openid system/Patient.read  system/Observation.rs?{LABORATORY} system/Patient.read"
    scopes = parse_scopes(text, content.search_params)
    assert [scope.text for scope in scopes] == ["system/Patient.read", f"system/Observation.rs?{LABORATORY}"]


def test_a_job_works_with_the_access_of_who_asked(content):
    scopes = parse_scopes(f"system/Patient.r system/Observation.rs?{LABORATORY}", content.search_params)
    access = Access("client", scopes, parse_scopes("system/*.rs", content.search_params))
    assert load_access(json.parse(json.dumps(dump_access(access))), content.search_params) == access


@pytest.mark.parametrize(
    ("theirs", "mine", "needed"),
    [
        ("system/*.rs", "system/*.rs", None),
        ("system/Patient.rs", "system/*.read", None),
        ("system/*.r", "system/Patient.cruds", "system/*.r"),
        ("system/Patient.cu", "system/Patient.c", "system/Patient.u"),
        ("system/Patient.u?gender=male", "system/Patient.u", None),
        ("system/Patient.u", "system/Patient.u?gender=male", "system/Patient.u"),
        ("system/Patient.u?gender=male", "system/Patient.u?gender=female", "system/Patient.u"),
        ("system/Patient.u?gender=male", "system/Patient.u?gender=female system/Patient.u?gender=male", None),
        ("system/AuditEvent.r", "system/*.cruds", "system/AuditEvent.r"),
    ],
)
def test_whether_one_token_may_all_that_another_may(content, theirs, mine, needed):
    theirs, mine = (Access("c", parse_scopes(text, content.search_params)) for text in (theirs, mine))
    if needed is None:
        mine.require_all(theirs, "do it")
        return
    with pytest.raises(FhirError) as refused:
        mine.require_all(theirs, "do it")
    assert (refused.value.status, refused.value.issues[0].message.rpartition(" ")[2]) == (403, needed)


def test_no_token_grants_more_than_the_role(registry):
    parse = registry.content.search_params
    most = parse_scopes(f"system/Observation.rs?{LABORATORY} system/Patient.r", parse)
    access = Access("client", parse_scopes("system/*.cruds", parse), most)
    limited = replace(registry, access=access)
    assert found(limited, "Observation") == ["o0", "o3"]
    assert found(limited, "Patient") == 403 and status(read, limited, SITE, "Patient", "p") == "p"
    assert status(lambda: ingest.delete(limited, SITE, "Patient", "p")) == 403
    narrowed = replace(
        registry, access=access._replace(scopes=parse_scopes("system/Observation.rs?status=final", parse))
    )
    assert found(narrowed, "Observation") == ["o0", "o3"]
    other = replace(
        registry, access=access._replace(scopes=parse_scopes("system/Observation.rs?status=amended", parse))
    )
    assert found(other, "Observation") == []


# --- reading ----------------------------------------------------------------------------------------


def test_smart_20_reading_is_not_searching(registry):
    reader = with_scopes(registry, "system/Patient.r")
    assert status(read, reader, SITE, "Patient", "p") == "p"
    assert status(vread, reader, SITE, "Patient", "p", "1") == "p"
    assert versions(reader, "Patient", "p") == [("p", 1)]
    assert found(reader, "Patient", _id="p") == 403
    assert versions(reader, "Patient") == 403
    assert versions(reader) == 403


def test_smart_21_what_is_not_granted_is_forbidden_and_says_what_is_needed(registry):
    reader = with_scopes(registry, "system/Patient.rs")
    with pytest.raises(FhirError) as refused:
        read(reader, SITE, "Observation", "o1")
    challenge = 'Bearer error="insufficient_scope", scope="system/Observation.r"'
    assert (refused.value.status, refused.value.headers) == (403, {"WWW-Authenticate": challenge})
    assert refused.value.issues[0].code == "forbidden"


def test_smart_22_nothing_is_found_by_way_of_what_may_not_be_read(registry):
    reader = with_scopes(registry, "system/Patient.rs")
    assert found(reader, "Patient") == ["p"]
    assert found(reader, "Patient", _revinclude="Observation:subject") == ["p", None]
    assert found(reader, "Patient", _revinclude="*") == ["p", None]
    assert found(reader, "Patient", _has__Observation__patient__status="final") == 403
    assert found(reader, "Patient", _list="l") == 403
    other = with_scopes(registry, "system/Observation.rs")
    assert found(other, "Observation", **{"subject:Patient.name": "Adams"}) == 403
    assert found(other, "Observation", **{"subject.name": "Adams"}) == 403
    assert found(other, "Observation", _include="Observation:subject") == ["o0", "o1", "o2", "o3", None]
    assert found(registry, "Observation", **{"subject.name": "Adams"}) == ["o0", "o1", "o2", "o3"]


@pytest.mark.parametrize(
    ("scopes", "include", "hidden"),
    [
        ("system/*.rs", "*", None),
        ("system/Patient.rs system/Observation.rs", "_revinclude=Observation:subject", None),
        ("system/Patient.rs", "_revinclude=Observation:subject", "Observation"),
        ("system/Patient.rs system/Observation.r", "_revinclude=Observation:subject", "Observation"),
        ("system/Patient.rs", "_include=Patient:general-practitioner",
         "Organization or Practitioner or PractitionerRole"),
        ("system/Patient.rs system/Organization.rs", "_include=Patient:general-practitioner",
         "Practitioner or PractitionerRole"),
        ("system/Patient.rs", "_include=Patient:general-practitioner:Organization", "Organization"),
        ("system/Patient.rs", "_revinclude=*", "types, Account among them"),
    ],
)  # fmt: skip
def test_what_an_include_hides_follows_from_the_token_alone(registry, scopes, include, hidden):
    name, _, value = include.rpartition("=")
    reader, pairs = with_scopes(registry, scopes), [(name or "_include", value)]
    said = []
    for id in ("p", "nobody"):
        bundle = json.parse(search(reader, SITE, "Patient", [("_id", id), *pairs], Client(BASE)))
        outcomes = [entry["resource"] for entry in bundle.get("entry", ()) if entry["search"]["mode"] == "outcome"]
        said.append([issue["diagnostics"] for outcome in outcomes for issue in outcome["issue"]])
    assert said[0] == said[1]
    assert len(said[0]) == (hidden is not None) and all(hidden in words for words in said[0])


def test_smart_23_a_constraint_holds_for_searches_and_reads(registry):
    reader = with_scopes(registry, f"system/Observation.rs?{LABORATORY}")
    assert found(reader, "Observation") == ["o0", "o3"]
    assert json.parse(search(reader, SITE, "Observation", [("_total", "accurate")], Client(BASE)))["total"] == 2
    assert [status(read, reader, SITE, "Observation", f"o{n}") for n in range(4)] == ["o0", 404, 404, "o3"]
    assert found(reader, "Observation", _sort="-_lastUpdated", _count="1") == ["o3"]
    assert found(reader, "") == ["o0", "o3"]
    assert found(reader, "", _type="Observation,Patient") == 403


def test_smart_23_a_constraint_holds_on_the_way_to_others(registry):
    reader = with_scopes(registry, f"system/Observation.rs?{LABORATORY} system/Patient.rs system/Encounter.rs")
    assert found(reader, "Patient", _has__Observation__patient___id="o0") == ["p"]
    assert found(reader, "Patient", _has__Observation__patient___id="o1") == []
    assert found(reader, "Patient", _revinclude="Observation:subject") == ["p", "o0", "o3"]
    assert found(reader, "Encounter", _revinclude="Observation:encounter") == ["e", "o0"]
    narrow = with_scopes(registry, "system/Patient.rs?gender=male system/Observation.rs")
    assert found(narrow, "Observation", **{"subject:Patient.name": "Adams"}) == []
    assert found(narrow, "Observation", _include="Observation:subject:Patient") == ["o0", "o1", "o2", "o3"]
    # Over a patient that he may not see he does not get to her encounter either.
    further = with_scopes(registry, "system/Patient.rs?gender=male system/Observation.rs system/Encounter.rs")
    way = {"_include": "Observation:subject", "_revinclude:iterate": "Encounter:subject"}
    assert found(further, "Observation", _id="o2", **way) == ["o2", None]
    assert found(registry, "Observation", _id="o2", **way) == ["o2", "e", "p"] or found(
        registry, "Observation", _id="o2", **way
    ) == ["o2", "p", "e"]


def test_smart_24_each_version_is_judged_by_itself(registry):
    ingest.update(registry, SITE, "Observation", "o0", observation("o0", "vital-signs"))
    ingest.update(registry, SITE, "Observation", "o1", observation("o1", "laboratory"))
    reader = with_scopes(registry, f"system/Observation.rs?{LABORATORY}")
    assert [status(vread, reader, SITE, "Observation", "o0", v) for v in ("1", "2")] == ["o0", 404]
    assert [status(vread, reader, SITE, "Observation", "o1", v) for v in ("1", "2")] == [404, "o1"]
    assert versions(reader, "Observation", "o0") == [("o0", 1)]
    assert versions(reader, "Observation", "o2") == 404
    assert versions(reader, "Observation") == versions(reader) == [("o1", 2), ("o3", 1), ("o0", 1)]


def test_smart_24_what_was_deleted_is_unknown_to_who_may_see_some(registry):
    ingest.delete(registry, SITE, "Observation", "o0")
    reader = with_scopes(registry, f"system/Observation.rs?{LABORATORY}")
    assert status(read, reader, SITE, "Observation", "o0") == 404
    assert status(read, registry, SITE, "Observation", "o0") == 410
    assert versions(reader, "Observation", "o0") == [("o0", 1)]


def test_histories_of_few_are_paged_to_the_end(registry):
    for number in range(30):
        resource = observation(f"n{number:02}", "laboratory" if number % 10 == 0 else "survey")
        ingest.update(registry, SITE, "Observation", resource["id"], resource)
    reader = with_scopes(registry, f"system/Observation.rs?{LABORATORY}")
    seen, pairs = [], [("_count", "2")]
    while pairs:
        bundle = json.parse(history(reader, SITE, pairs, Client(BASE), "Observation"))
        assert "total" not in bundle
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        pairs = parse_qsl(links.get("next", "?").partition("?")[2])
    assert seen == ["n20", "n10", "n00", "o3", "o0"]


def test_a_history_of_few_among_many_leads_on(registry, monkeypatch):
    """So many versions are judged in one request and no more: a page may be empty, and its link leads on."""
    monkeypatch.setattr(histories, "LOOKED", 1000)
    entries = [
        {"resource": observation(f"n{n}", "survey"), "request": {"method": "PUT", "url": f"Observation/n{n}"}}
        for n in range(1100)
    ]
    ingest.bundle(registry, SITE, {"resourceType": "Bundle", "type": "transaction", "entry": entries}, BASE)
    reader = with_scopes(registry, f"system/Observation.rs?{LABORATORY}")
    first = paged(reader, "Observation/_history", ("_count", "2"))
    assert "entry" not in first
    second = followed(reader, first, "Observation/_history")
    assert [entry["resource"]["id"] for entry in second["entry"]] == ["o3", "o0"]
    assert "next" not in {link["relation"] for link in second["link"]}


def test_a_history_in_which_nothing_was_written_since_is_empty_not_unknown(registry):
    reader = with_scopes(registry, f"system/Observation.rs?{LABORATORY}")
    for walk in ("_since", "2099-01-01T00:00:00Z"), ("_at", "1999"):
        assert "entry" not in paged(reader, "Observation/o0/_history", walk)
        with pytest.raises(FhirError) as hidden:
            paged(reader, "Observation/o2/_history", walk)
        assert hidden.value.status == 404


NARROW = f"system/Observation.rs?{LABORATORY} system/Patient.rs system/Encounter.rs"
WIDE = "system/*.cruds"


def paged(registry, path, *pairs):
    """A page of a search, of a history or of $everything, as a dict."""
    place, client = path.split("/"), Client(BASE)
    match place[-1]:
        case "_history":
            return json.parse(history(registry, SITE, pairs, client, *place[:-1]))
        case "$everything":
            return json.parse(everything(registry, SITE, *place[:2], pairs, client))
    return json.parse(search(registry, SITE, path, pairs, client))


def followed(registry, page, path, relation="next"):
    """The page to which a link of another one leads."""
    (link,) = (link["url"] for link in page["link"] if link["relation"] == relation)
    return paged(registry, path, *parse_qsl(link.partition("?")[2]))


@pytest.mark.parametrize(
    ("path", "of_all", "of_some"),
    [
        ("Observation", 4, 2),
        ("Patient/p/*", 6, 4),
        ("Patient/p/$everything", 6, 4),
        ("Encounter/e/$everything", 3, 2),
        ("Observation/_history", 4, None),  # judged one by one, and so not counted
    ],
)
def test_a_cursor_hands_no_count_to_a_token_that_sees_less(registry, path, of_all, of_some):
    wide, narrow = with_scopes(registry, WIDE), with_scopes(registry, NARROW)
    first = paged(wide, path, ("_count", "1"))
    assert (first["total"], followed(wide, first, path)["total"]) == (of_all, of_all)
    second = followed(narrow, first, path)
    assert second.get("total") == paged(narrow, path, ("_count", "1")).get("total") == of_some
    assert followed(narrow, second, path, "self").get("total") == of_some
    assert followed(wide, second, path, "self")["total"] == of_all


def test_a_history_of_other_types_is_counted_anew(registry):
    first = paged(with_scopes(registry, WIDE), "_history", ("_count", "1"))
    some = with_scopes(registry, "system/Patient.s system/Encounter.s")
    assert first["total"] > followed(some, first, "_history")["total"] == 2


def test_a_renewed_token_goes_on_whatever_the_order_of_its_scopes(registry):
    """What was written since is not counted: the total is that of the first page, of the same access."""
    first = paged(with_scopes(registry, NARROW), "Observation", ("_count", "1"))
    ingest.update(registry, SITE, "Observation", "o9", observation("o9", "laboratory"))
    renewed = with_scopes(registry, " ".join(reversed(NARROW.split(" "))))
    assert (followed(renewed, first, "Observation")["total"], first["total"]) == (2, 2)
    assert followed(with_scopes(registry, WIDE), first, "Observation")["total"] == 5


def test_smart_25_everything_of_a_patient_needs_reading_and_searching(registry):
    def of(scopes):
        return ids(lambda: everything(with_scopes(registry, scopes), SITE, "Patient", "p", [], Client(BASE)))

    assert sorted(of("system/*.cruds")) == sorted(of("system/*.rs")) == ["e", "o0", "o1", "o2", "o3", "p"]
    assert of("system/Patient.rs") == ["p"]
    assert sorted(of(f"system/Patient.rs system/Observation.rs?{LABORATORY}")) == ["o0", "o3", "p"]
    assert of("system/Patient.r system/Observation.rs") == 403
    assert of("system/Observation.rs") == 403


def test_smart_26_without_a_scope_nothing_is_granted(registry):
    nobody = with_scopes(registry, "openid")
    assert status(read, nobody, SITE, "Patient", "p") == 403
    assert found(nobody, "") == found(nobody, "Patient") == versions(nobody) == 403


def test_smart_27_two_scopes_grant_what_either_does(registry):
    both = with_scopes(registry, f"system/Observation.r system/Observation.rs?{LABORATORY}")
    assert status(read, both, SITE, "Observation", "o1") == "o1"
    assert found(both, "Observation") == ["o0", "o3"]
    either = f"system/Observation.rs?{LABORATORY} system/Observation.rs?category={CATEGORY}|vital-signs"
    assert found(with_scopes(registry, either), "Observation") == ["o0", "o1", "o3"]
    assert found(with_scopes(registry, f"{either} system/Patient.rs"), "", _sort="_id") == ["o0", "o1", "o3", "p"]


def test_who_may_not_see_everything_is_not_told_how_a_search_is_done(registry):
    assert found(with_scopes(registry, "system/*.rs"), "Observation", _explain="true") == 403


# --- writing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scopes, walk, expected",
    [
        ("system/Patient.c", "create", True),
        ("system/Patient.ruds", "create", False),
        ("system/Patient.c", "conditional create", False),
        ("system/Patient.cs", "conditional create", True),
        ("system/Patient.u", "update", True),
        ("system/Patient.u", "update as create", True),
        ("system/Patient.crds", "update", False),
        ("system/Patient.us", "conditional update", False),
        ("system/Patient.cu", "conditional update", False),
        ("system/Patient.cus", "conditional update", True),
        ("system/Patient.u", "patch", True),
        ("system/Patient.crds", "patch", False),
        ("system/Patient.d", "delete", True),
        ("system/Patient.crus", "delete", False),
        ("system/Patient.d", "conditional delete", False),
        ("system/Patient.ds", "conditional delete", True),
        ("system/Observation.cruds", "create", False),
    ],
)
def test_each_way_of_writing_needs_its_letters(registry, scopes, walk, expected):
    writer = with_scopes(registry, scopes)
    patient, where = {"resourceType": "Patient", "id": "p"}, "name=Adams"
    jsonpatch = [{"op": "add", "path": "/gender", "value": "male"}]
    walks = {
        "create": lambda: ingest.create(writer, SITE, "Patient", {"resourceType": "Patient"}),
        "conditional create": lambda: ingest.create(writer, SITE, "Patient", {"resourceType": "Patient"}, where),
        "update": lambda: ingest.update(writer, SITE, "Patient", "p", patient),
        "update as create": lambda: ingest.update(writer, SITE, "Patient", "n", {**patient, "id": "n"}),
        "conditional update": lambda: ingest.update(writer, SITE, "Patient", None, patient, criteria=where),
        "patch": lambda: ingest.patch(writer, SITE, "Patient", "p", jsonpatch, "application/json-patch+json"),
        "delete": lambda: ingest.delete(writer, SITE, "Patient", "p"),
        "conditional delete": lambda: ingest.delete(writer, SITE, "Patient", None, criteria=where),
    }
    assert (status(walks[walk]) != 403) is expected


def test_each_entry_of_a_bundle_needs_its_own(registry):
    writer = with_scopes(registry, "system/Patient.cr")

    def bundle(kind):
        entries = [
            {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}},
            {"request": {"method": "GET", "url": "Patient/p"}},
            {"request": {"method": "GET", "url": "Patient?_id=p"}},
            {"request": {"method": "DELETE", "url": "Patient/p"}},
            {"request": {"method": "GET", "url": "Observation/o0"}},
        ]
        asked = {"resourceType": "Bundle", "type": kind, "entry": entries}
        return ingest.bundle(writer, SITE, asked, BASE)["entry"]

    assert [entry["response"]["status"][:3] for entry in bundle("batch")] == ["201", "200", "403", "403", "403"]
    with pytest.raises(FhirError) as refused:
        bundle("transaction")
    assert refused.value.status == 403
    assert refused.value.issues[0].expression == "Bundle.entry[3].request.method"
    assert status(read, registry, SITE, "Patient", "p") == "p"


def test_a_conditional_reference_needs_searching(registry):
    entry = {
        "resource": observation("n", "laboratory", subject={"reference": "Patient?name=Adams"}),
        "request": {"method": "PUT", "url": "Observation/n"},
    }
    asked = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    with pytest.raises(FhirError) as refused:
        ingest.bundle(with_scopes(registry, "system/Observation.cu"), SITE, asked, BASE)
    assert refused.value.status == 403
    ingest.bundle(with_scopes(registry, "system/Observation.cu system/Patient.s"), SITE, asked, BASE)
    subject = json.parse(read(registry, SITE, "Observation", "n").body)["subject"]
    assert subject["reference"] == "Patient/p"


def test_smart_24_a_constraint_holds_for_what_was_and_what_will_be(registry):
    writer = with_scopes(registry, f"system/Observation.cruds?{LABORATORY}")

    def put(id, category, status_="final"):
        return status(lambda: ingest.update(writer, SITE, "Observation", id, observation(id, category, status_)))

    assert put("o0", "laboratory", "amended") == "o0"
    assert put("o0", "vital-signs") == 403  # away
    assert put("o1", "laboratory") == 403  # into it
    assert put("new", "laboratory") == "new" and put("other", "vital-signs") == 403
    away = [{"op": "replace", "path": "/category/0/coding/0/code", "value": "survey"}]
    media_type = "application/json-patch+json"
    assert status(lambda: ingest.patch(writer, SITE, "Observation", "o0", away, media_type)) == 403
    assert status(lambda: ingest.patch(writer, SITE, "Observation", "o1", away, media_type)) == 404
    ingest.delete(writer, SITE, "Observation", "o1")  # as if it were not there
    assert status(read, registry, SITE, "Observation", "o1") == "o1"
    ingest.delete(writer, SITE, "Observation", "o3")
    assert status(read, registry, SITE, "Observation", "o3") == 410
    assert status(lambda: ingest.create(writer, SITE, "Observation", observation("x", "survey"))) == 403


def test_a_condition_finds_only_what_may_be_seen(registry):
    writer = with_scopes(registry, f"system/Observation.cruds?{LABORATORY}")
    created = ingest.create(writer, SITE, "Observation", observation("x", "laboratory"), "_id=o1")
    assert created.status == 201
    assert ingest.create(writer, SITE, "Observation", observation("x", "laboratory"), "_id=o0").status == 200
