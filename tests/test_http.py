"""FHIR's RESTful API as clients see it (https://hl7.org/fhir/R4/http.html); rule numbers of the interface checklist."""

import gzip
import json

import pytest
from werkzeug.http import parse_date

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops.open import open_registry

FHIR = "application/fhir+json"
PATIENT = {"resourceType": "Patient", "active": True, "name": [{"family": "Example"}]}


def put(client, path, resource, **headers):
    return client.put(f"/fhir/{path}", data=json.dumps(resource), content_type=FHIR, headers=headers)


def post(client, path, resource, content_type=FHIR, **headers):
    return client.post(f"/fhir/{path}", data=json.dumps(resource), content_type=content_type, headers=headers)


def is_outcome(response, code=None):
    body = response.get_json(force=True)
    assert response.content_type.startswith(FHIR)
    assert body["resourceType"] == "OperationOutcome" and body["issue"]
    assert all(issue["severity"] and issue["code"] for issue in body["issue"])
    return code is None or body["issue"][0]["code"] == code


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content, tmp_path_factory):
    registry = open_registry(new_database(request.param), content)
    settings = {"FHIR_REGISTRY_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    yield create_app(Config.from_env(settings), registry).test_client()
    registry.close()


@pytest.fixture
def p1(client):
    response = put(client, "Patient/p1", PATIENT | {"id": "p1"})
    assert response.status_code in (200, 201)
    return response


class TestBodies:
    @pytest.mark.parametrize("content_type", ["application/json", f"{FHIR};charset=UTF-8", f"{FHIR}; fhirVersion=4.0"])
    # REST-013
    def test_rest_013_json_bodies_are_read(self, client, content_type):
        assert post(client, "Patient", PATIENT, content_type).status_code == 201

    def test_gzip_bodies_are_read(self, client):
        data = gzip.compress(json.dumps(PATIENT).encode()[:20]) + gzip.compress(json.dumps(PATIENT).encode()[20:])
        response = client.post("/fhir/Patient", data=data, content_type=FHIR, headers={"Content-Encoding": "gzip"})
        assert response.status_code == 201


class TestHeaders:
    @pytest.mark.parametrize("tag", ['W/"{}"', '"{}"', "{}", 'W/"0", W/"{}"', "*"])
    # REST-014, REST-015
    def test_rest_014_015_current_tag_is_not_modified(self, client, p1, tag):
        etag = p1.headers["ETag"]
        header = tag.format(etag[3:-1])
        response = client.get("/fhir/Patient/p1", headers={"If-None-Match": header})
        assert response.status_code == 304 and response.data == b"" and response.headers["ETag"] == etag

    def test_another_tag_gets_the_resource(self, client, p1):
        assert client.get("/fhir/Patient/p1", headers={"If-None-Match": 'W/"0"'}).status_code == 200

    def test_if_modified_since(self, client, p1):
        now = p1.headers["Last-Modified"]
        past = "Thu, 01 Jan 2015 00:00:00 GMT"
        assert client.get("/fhir/Patient/p1", headers={"If-Modified-Since": now}).status_code == 304
        assert client.get("/fhir/Patient/p1", headers={"If-Modified-Since": past}).status_code == 200

    @pytest.mark.parametrize("tag", ['W/"{}"', '"{}"', "{}", 'W/"0", W/"{}"', "*"])
    # REST-016, REST-017
    def test_rest_016_017_if_match_holds(self, client, tag):
        created = post(client, "Patient", PATIENT)
        id = created.get_json(force=True)["id"]
        header = tag.format(created.headers["ETag"][3:-1])
        assert (
            put(client, f"Patient/{id}", PATIENT | {"id": id, "active": False}, **{"If-Match": header}).status_code
            == 200
        )

    # REST-018, REST-056, REST-059
    def test_rest_018_056_059_if_match_fails(self, client, p1):
        p = PATIENT | {"id": "p1"}
        assert put(client, "Patient/p1", p, **{"If-Match": 'W/"0"'}).status_code == 412
        missing = put(client, "Patient/none", PATIENT | {"id": "none"}, **{"If-Match": "*"})
        assert missing.status_code == 412 and is_outcome(missing)

    # REST-019
    def test_rest_019_garbage_tag_is_400(self, client, p1):
        response = put(client, "Patient/p1", PATIENT | {"id": "p1"}, **{"If-Match": 'garbage"'})
        assert response.status_code == 400 and is_outcome(response)

    # REST-020
    def test_rest_020_request_id(self, client):
        assert client.get("/health", headers={"X-Request-Id": "abc"}).headers["X-Request-Id"] == "abc"
        made = client.get("/health", headers={"X-Request-Id": "a b<script>"}).headers["X-Request-Id"]
        assert len(made) == 32 and made.isalnum()

    # REST-021
    @pytest.mark.parametrize("prefer", ["return=minimal", 'handling=strict, Return="minimal"'])
    def test_rest_021_prefer_minimal(self, client, prefer):
        response = post(client, "Patient", PATIENT, Prefer=prefer)
        assert response.status_code == 201 and response.data == b""
        assert response.headers["Location"] and response.headers["ETag"] and response.headers["Last-Modified"]

    # REST-022
    def test_rest_022_prefer_outcome(self, client):
        response = post(client, "Patient", PATIENT, Prefer="return=OperationOutcome")
        assert response.status_code == 201 and is_outcome(response)
        assert {i["severity"] for i in response.get_json(force=True)["issue"]} <= {"information", "warning"}

    @pytest.mark.parametrize("prefer", [None, "return=representation", "return=xyz", "handling=strict"])
    # REST-023, REST-024
    def test_rest_023_024_the_resource_otherwise(self, client, prefer):
        response = post(client, "Patient", PATIENT, **({"Prefer": prefer} if prefer else {}))
        assert response.get_json(force=True)["resourceType"] == "Patient"

    # REST-025
    def test_rest_025_head_is_get_without_body(self, client, p1):
        for path in ("/fhir/Patient/p1", "/fhir/Patient?_id=p1", "/fhir/metadata"):
            head, get = client.head(path), client.get(path)
            assert head.status_code == 200 and head.data == b""
            for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length"):
                assert head.headers.get(name) == get.headers.get(name), (path, name)


class TestPaths:
    @pytest.mark.parametrize("path", ["/fhir//Patient/p1", "/fhir/Patient/p1/", "/fhir//Patient///p1//"])
    # REST-027, REST-028
    def test_rest_027_028_slashes(self, client, p1, path):
        assert client.get(path).status_code == 200

    def test_base_with_and_without_slash(self, client):
        bundle = {"resourceType": "Bundle", "type": "transaction"}
        assert post(client, "", bundle).status_code == 200
        assert client.post("/fhir", data=json.dumps(bundle), content_type=FHIR).status_code == 200

    @pytest.mark.parametrize("path", ["patient/p1", "PATIENT", "Foo", "Foo/1", "Parameters/1", "Resource/1", "$export"])
    # REST-029, REST-030
    def test_rest_029_030_unknown_types(self, client, path):
        response = client.get(f"/fhir/{path}")
        assert response.status_code == 404 and is_outcome(response, "not-supported")

    @pytest.mark.parametrize("id", ["a b", "x" * 65, "p1%0A", "p1%00", "%ff", "ü"])
    # REST-031
    def test_rest_031_impossible_ids(self, client, id):
        for response in (client.get(f"/fhir/Patient/{id}"), client.get(f"/fhir/Patient/{id}/_history/1")):
            assert response.status_code == 400 and is_outcome(response, "value")


class TestInteractions:
    # REST-050, REST-051
    def test_rest_050_051_create(self, client):
        sent = PATIENT | {"id": "mine", "meta": {"versionId": "77", "lastUpdated": "2001-01-01T00:00:00Z"}}
        response = post(client, "Patient", sent)
        body = response.get_json(force=True)
        assert response.status_code == 201
        assert body["id"] != "mine" and body["meta"]["versionId"] != "77"
        assert not body["meta"]["lastUpdated"].startswith("2001")
        assert response.headers["ETag"] == f'W/"{body["meta"]["versionId"]}"'
        location = response.headers["Location"]
        assert location == f"http://localhost/fhir/Patient/{body['id']}/_history/{body['meta']['versionId']}"
        current = client.get(f"/fhir/Patient/{body['id']}")
        assert client.get(location).data == current.data == response.data
        assert parse_date(current.headers["Last-Modified"]) is not None

    def test_decimals_come_back_as_sent(self, client):
        text = b'{"resourceType":"Basic","id":"o","code":{"text":"x"},"extension":[{"url":"http://x","valueDecimal":1.00}]}'
        assert client.put("/fhir/Basic/o", data=text, content_type=FHIR).status_code == 201
        for path in ("/fhir/Basic/o", "/fhir/Basic/o?_pretty=true", "/fhir/Basic?_id=o"):
            assert b"1.00" in client.get(path).data

    @pytest.mark.parametrize("body", [PATIENT, PATIENT | {"id": "p2"}])
    # REST-052
    def test_rest_052_put_needs_the_id(self, client, body):
        response = put(client, "Patient/p1", body)
        assert response.status_code == 400 and is_outcome(response)

    # REST-053 to REST-055, REST-061 to REST-063
    def test_rest_053_to_055_061_to_063_life_of_a_resource(self, client):
        path, resource = "Patient/life", PATIENT | {"id": "life"}
        created = put(client, path, resource)
        assert created.status_code == 201 and "/_history/" in created.headers["Location"]
        same = put(client, path, resource)
        assert (same.status_code, same.headers["ETag"]) == (200, created.headers["ETag"])
        changed = put(client, path, resource | {"active": False})
        assert changed.status_code == 200 and changed.headers["ETag"] != created.headers["ETag"]
        assert [client.delete(f"/fhir/{path}").status_code for _ in range(2)] == [204, 204]
        gone = client.get(f"/fhir/{path}")
        assert gone.status_code == 410 and is_outcome(gone)
        old = client.get(f"/fhir/{path}/_history/{created.headers['ETag'][3:-1]}")
        assert old.status_code == 200 and old.get_json(force=True)["active"] is True
        again = put(client, path, resource)
        assert again.status_code == 201
        history = client.get(f"/fhir/{path}/_history").get_json(force=True)
        assert history["type"] == "history" and history["total"] == 4
        assert [e["request"]["method"] for e in history["entry"]] == ["PUT", "DELETE", "PUT", "PUT"]
        assert "resource" not in history["entry"][1]

    # REST-058
    def test_rest_058_put_only_when_new(self, client, p1):
        response = put(client, "Patient/p1", PATIENT | {"id": "p1"}, **{"If-None-Match": "*"})
        assert response.status_code == 412 and is_outcome(response)

    # REST-060
    def test_rest_060_base_errors_name_the_place(self, client):
        response = post(client, "Patient", PATIENT | {"gender": "M"})
        assert response.status_code == 400 and is_outcome(response)
        assert response.get_json(force=True)["issue"][0]["expression"] == ["Patient.gender"]

    # REST-062
    def test_rest_062_delete_of_what_never_was(self, client):
        assert client.delete("/fhir/Patient/never").status_code == 204

    def test_read_of_what_never_was(self, client):
        for path in ("Patient/never", "Patient/never/_history", "Patient/p1/_history/99"):
            response = client.get(f"/fhir/{path}")
            assert response.status_code == 404 and is_outcome(response)

    # REST-080
    def test_rest_080_conditional_create(self, client):
        resource = PATIENT | {"identifier": [{"system": "http://h", "value": "cc"}]}
        condition = {"If-None-Exist": "identifier=http://h%7Ccc"}
        first = post(client, "Patient", resource, **condition)
        second = post(client, "Patient", resource, **condition)
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.headers["Location"] == second.headers["Location"]
        post(client, "Patient", resource)
        many = post(client, "Patient", resource, **condition)
        assert many.status_code == 412 and is_outcome(many)

    @pytest.mark.parametrize("condition", ["", "foo=1", "_sort=x"])
    # REST-082, REST-083
    def test_rest_082_083_conditions_that_select_nothing_are_refused(self, client, condition):
        response = post(client, "Patient", PATIENT, **{"If-None-Exist": condition})
        assert response.status_code == 400 and is_outcome(response)

    def test_search_by_get_and_by_post(self, client):
        put(client, "Patient/s1", PATIENT | {"id": "s1", "name": [{"family": "Searchable"}]})
        by_get = client.get("/fhir/Patient?family=searchable").get_json(force=True)
        by_post = client.post("/fhir/Patient/_search", data={"family": "searchable"}).get_json(force=True)
        split = client.post("/fhir/Patient/_search?_count=5", data={"family": "searchable"}).get_json(force=True)
        for bundle in (by_get, by_post, split):
            assert (bundle["type"], bundle["total"]) == ("searchset", 1)
            assert bundle["entry"][0]["resource"]["id"] == "s1"
            assert bundle["entry"][0]["fullUrl"] == "http://localhost/fhir/Patient/s1"

    def test_unknown_search_parameter_is_refused(self, client):
        response = client.get("/fhir/Patient?colour=red")
        assert response.status_code == 400 and is_outcome(response)
        assert "colour" in response.get_json(force=True)["issue"][0]["diagnostics"]

    def test_unknown_search_parameter_is_left_out_on_demand(self, client):
        response = client.get("/fhir/Patient?colour=red&_id=none", headers={"Prefer": "handling=lenient"})
        assert response.status_code == 200 and "colour" not in response.get_json(force=True)["link"][0]["url"]

    def test_transaction(self, client):
        urn = "urn:uuid:4b4c5f0e-9f4a-4c2e-8a55-0d2a4f1f4d11"
        condition = {"resourceType": "Condition", "subject": {"reference": urn}}
        bundle = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {"resource": condition, "request": {"method": "POST", "url": "Condition"}},
                {"fullUrl": urn, "resource": PATIENT, "request": {"method": "POST", "url": "Patient"}},
            ],
        }
        answer = post(client, "", bundle).get_json(force=True)
        assert answer["type"] == "transaction-response"
        assert [e["response"]["status"][:3] for e in answer["entry"]] == ["201", "201"]
        locations = [e["response"]["location"] for e in answer["entry"]]
        stored = client.get(locations[0] if "://" in locations[0] else f"/fhir/{locations[0]}").get_json(force=True)
        assert stored["subject"]["reference"] in locations[1]
        again = post(client, "", bundle).get_json(force=True)
        assert [e["response"]["location"] for e in again["entry"]] == locations

    def test_health(self, client):
        response = client.get("/health")
        assert response.status_code == 200 and response.get_json()["status"] == "ok"


def test_the_public_base_url_is_used_behind_a_proxy(tmp_path):
    settings = {"FHIR_REGISTRY_DATA_DIR": str(tmp_path), "FHIR_REGISTRY_BASE_URL": "https://registry.example/fhir/"}
    app = create_app(Config.from_env(settings))
    response = post(app.test_client(), "Patient", PATIENT, **{"X-Forwarded-Host": "evil.example"})
    app.extensions["fhir_registry"].close()
    assert response.headers["Location"].startswith("https://registry.example/fhir/Patient/")


class TestEvaluate:
    PATH = "/fhir/Measure/halaven-dcr/$evaluate-measure"

    def test_unknown_measure_is_404(self, client):
        response = client.get("/fhir/Measure/none/$evaluate-measure")
        assert response.status_code == 404 and is_outcome(response)

    @pytest.mark.parametrize(
        "query", ["?colour=red", "?periodEnd=2020&periodEnd=2021", "?periodEnd=soon", "?reportType=individual"]
    )
    def test_wrong_parameters_are_400(self, client, query):
        response = client.get(self.PATH + query)
        assert response.status_code == 400 and is_outcome(response)

    def test_the_same_by_every_way_in(self, client):
        resource = {"resourceType": "Parameters", "parameter": [{"name": "periodEnd", "valueDate": "2020-06-30"}]}
        answers = [
            client.get(self.PATH + "?periodEnd=2020-06-30"),
            client.get("/fhir/Measure/halaven-dcr/$evaluate?periodEnd=2020-06-30"),
            client.post(self.PATH, data=json.dumps(resource), content_type=FHIR),
            client.post(self.PATH, data={"periodEnd": "2020-06-30"}),
        ]
        # Nobody is in this registry: the walk ran and said so.
        assert [a.status_code for a in answers] == [422] * 4
        assert len({a.data for a in answers}) == 1

    @pytest.mark.parametrize("parameter", [True, 7, None, "periodEnd", {"name": "periodEnd", "valueDate": "2020"}])
    def test_parameters_that_are_no_array_are_400(self, client, parameter):
        resource = {"resourceType": "Parameters", "parameter": parameter}
        response = client.post(self.PATH, data=json.dumps(resource), content_type=FHIR)
        assert response.status_code == 400
        assert response.get_json(force=True)["issue"][0]["expression"] == ["Parameters.parameter"]

    def test_a_parameter_without_value_is_400(self, client):
        resource = {"resourceType": "Parameters", "parameter": [{"name": "periodEnd"}]}
        response = client.post(self.PATH, data=json.dumps(resource), content_type=FHIR)
        assert response.status_code == 400
        assert response.get_json(force=True)["issue"][0]["expression"] == ["Parameters.parameter[0]"]
