"""FHIR XML: the examples of the standard and of mCODE, a second implementation, and what is refused."""

import tarfile
import warnings
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from mcode import read_mcode

from fhir_registry.content.definitions import load_definitions
from fhir_registry.core.narrative import as_xml, narrative_problem
from fhir_registry.core.validate import Validator
from fhir_registry.core.xml import Xml
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError

XML = Xml(load_definitions())
VALIDATOR = Validator(load_definitions())
NAMESPACE = 'xmlns="http://hl7.org/fhir"'


@pytest.fixture(scope="module")
def examples(cases):
    """{name: JSON bytes} of 627 resources that others made."""
    with tarfile.open(cases / "data" / "r4-examples" / "valid.tar.gz") as members:
        found = {m.name: members.extractfile(m).read() for m in members if m.isfile()}
    return found | {name: json.dumps(resource) for name, resource in read_mcode("package/example/").items()}


def comparable(value):
    """A parsed resource whose decimals are their literals and whose narratives are canonical XML."""
    if isinstance(value, dict):
        return {k: canonical(as_xml(v)) if k == "div" else comparable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return (value.literal,) if isinstance(value, json.JsonDecimal) else value


def canonical(text):
    return etree.canonicalize(text.decode() if isinstance(text, bytes) else text)


def test_json_to_xml_to_json_is_the_same(examples):
    assert len(examples) == 627
    for name, data in examples.items():
        resource = json.parse(data)
        assert comparable(XML.read(XML.write(resource))) == comparable(resource), name
        assert comparable(XML.read(XML.write(resource, pretty=True))) == comparable(resource), name


def test_xml_to_json_to_xml_is_the_same(examples):
    for name, data in examples.items():
        text = XML.write(json.parse(data))
        assert canonical(XML.write(XML.read(text))) == canonical(text), name


# Examples whose R4 form the models of R4B refuse.
OTHER_THAN_R4B = 5


def test_a_second_implementation_writes_the_same(examples):
    """fhir.resources (R4B, of whose types these examples have the R4 form too) writes dates in its own way, decimals
    as floats and the id of an element as an element; all else must be equal."""
    from fhir.resources.R4B import get_fhir_model_class

    compared = 0
    for data in examples.values():
        resource = json.parse(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = get_fhir_model_class(resource["resourceType"]).model_validate_json(data)
                theirs = model.model_dump_xml()
        except (ValueError, KeyError):
            continue
        without_blanks = etree.XMLParser(remove_blank_text=True, remove_comments=True)
        assert_same(etree.fromstring(XML.write(resource), without_blanks), etree.fromstring(theirs, without_blanks))
        compared += 1
    assert compared == len(examples) - OTHER_THAN_R4B


def assert_same(ours, theirs):
    assert ours.tag == theirs.tag
    if theirs.tag.rpartition("}")[2][0].islower() and (misplaced := theirs.find("{*}id")) is not None:
        theirs.set("id", misplaced.get("value"))
        theirs.remove(misplaced)
    assert ours.attrib.keys() == theirs.attrib.keys(), ours.tag
    for name, value in theirs.attrib.items():
        assert meaning(value) == meaning(ours.get(name)), ours.tag
    assert (ours.text or "").strip() == (theirs.text or "").strip()
    assert [child.tag for child in ours] == [child.tag for child in theirs], ours.tag
    for child, other in zip(ours, theirs, strict=True):
        assert_same(child, other)


def meaning(literal):
    for read in (float, datetime.fromisoformat):
        try:
            return read(literal)
        except ValueError:
            continue
    return "".join(literal.split())  # base64


PATIENT = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand from https://hl7.org/fhir/R4/xml.html -->
<Patient {NAMESPACE}
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir p.xsd">
  <id value="p1"/>
  <text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">A &amp; <b>B</b>&#160;</div></text>
  <contained><Organization><id value="o"/><name value="St. &quot;M&quot; &lt;3"/></Organization></contained>
  <extension url="http://x.example/height"><valueDecimal value="1.70"/></extension>
  <active value="true"/>
  <name id="n1">
    <family value="M&#252;ller"/>
    <given value="Eve"/>
    <given><extension url="http://x.example/unknown"><valueCode value="masked"/></extension></given>
    <given id="g3" value="Ann"/>
  </name>
  <birthDate value="1961-03">
    <extension url="http://x.example/by"><valueString value="line&#10;two"/></extension>
  </birthDate>
  <multipleBirthInteger value="2"/>
  <managingOrganization><reference value="#o"/></managingOrganization>
</Patient>"""
SAME = {
    "resourceType": "Patient",
    "id": "p1",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">A &amp; <b>B</b>\xa0</div>'},
    "contained": [{"resourceType": "Organization", "id": "o", "name": 'St. "M" <3'}],
    "extension": [{"url": "http://x.example/height", "valueDecimal": json.JsonDecimal("1.70")}],
    "active": True,
    "name": [
        {
            "id": "n1",
            "family": "Müller",
            "given": ["Eve", None, "Ann"],
            "_given": [
                None,
                {"extension": [{"url": "http://x.example/unknown", "valueCode": "masked"}]},
                {"id": "g3"},
            ],
        }
    ],
    "birthDate": "1961-03",
    "_birthDate": {"extension": [{"url": "http://x.example/by", "valueString": "line\ntwo"}]},
    "multipleBirthInteger": 2,
    "managingOrganization": {"reference": "#o"},
}


def test_a_resource_by_hand():
    assert XML.read(PATIENT.encode()) == SAME
    assert XML.read(PATIENT.encode())["extension"][0]["valueDecimal"].literal == "1.70"
    assert XML.read(b"\xef\xbb\xbf" + PATIENT.encode()) == SAME  # REST-038
    bare = etree.fromstring(PATIENT.encode(), etree.XMLParser(remove_blank_text=True, remove_comments=True))
    bare.attrib.clear()
    etree.cleanup_namespaces(bare)
    assert canonical(XML.write(SAME)) == canonical(etree.tostring(bare))


def test_members_are_written_in_the_order_of_the_definition():
    shuffled = {"birthDate": "1961", "resourceType": "Patient", "name": [{"family": "A", "use": "usual"}], "id": "p"}
    assert XML.write(shuffled).endswith(
        b'<id value="p"/><name><use value="usual"/><family value="A"/></name><birthDate value="1961"/></Patient>'
    )


def test_prefixes_are_names_only():
    text = (
        '<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><f:text>'
        '<f:status value="empty"/><h:div><h:p>x</h:p></h:div></f:text></f:Patient>'
    )
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>'
    assert XML.read(text.encode()) == {"resourceType": "Patient", "text": {"status": "empty", "div": div}}


@pytest.mark.parametrize(
    ("div", "written"),
    [
        ("<div>a&nbsp;b</div>", '<div xmlns="http://www.w3.org/1999/xhtml">a&#160;b</div>'),
        ("<div/>", '<div xmlns="http://www.w3.org/1999/xhtml"/>'),
        (' <!-- <div --><div title=">">x</div>', '<div xmlns="http://www.w3.org/1999/xhtml" title=">">x</div>'),
        ("<div xmlns = 'http://www.w3.org/1999/xhtml'>x</div>", "<div xmlns='http://www.w3.org/1999/xhtml'>x</div>"),
        ('<div title="xmlns=">x</div>', '<div xmlns="http://www.w3.org/1999/xhtml" title="xmlns=">x</div>'),
    ],
)
def test_a_narrative_is_written_in_its_namespace(div, written):
    resource = {"resourceType": "Patient", "text": {"status": "empty", "div": div}}
    (found,) = etree.fromstring(XML.write(resource)).iter("{http://www.w3.org/1999/xhtml}div")
    assert canonical(etree.tostring(found)) == canonical(written)


@pytest.mark.parametrize("character", ["\ufffe", "\uffff"])
def test_what_xml_cannot_hold_is_refused(character):
    with pytest.raises(FhirError) as refusal:
        XML.write({"resourceType": "Basic", "id": character})
    assert refusal.value.status == 406


def test_a_narrative_whose_prefixes_are_not_declared_is_no_xml():
    assert "prefix" in narrative_problem('<div><a xlink:href="#x">x</a></div>')
    assert narrative_problem('<div xmlns:xlink="http://www.w3.org/1999/xlink"><a xlink:href="#x">x</a></div>') is None
    assert "deeper" in narrative_problem("<div>" + "<b>" * 100 + "</b>" * 100 + "</div>")
    assert narrative_problem("<div>" + "<b>" * 99 + "</b>" * 99 + "<br/>" * 200 + "</div>") is None
    assert "active" in narrative_problem('<div xmlns:x="http://x.example"><a x:href="javascript:x">x</a></div>')


def members(text):
    return f"<Patient {NAMESPACE}>{text}</Patient>"


def decimal(literal):
    return f'<extension url="u"><valueDecimal value="{literal}"/></extension>'


DEEP = (
    '<contact><extension url="http://x">' + "<extension url='x'>" * 70 + "</extension>" * 70 + "</extension></contact>"
)


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("", None, "XML"),
        ("{}", None, "XML"),
        ("<Patient", None, "XML"),
        ("<Patient/>", "Patient", "namespace"),
        ('<Patient xmlns="http://hl7.org/v3"/>', "Patient", "namespace"),
        (f"<Foo {NAMESPACE}/>", "Foo", "not a resource type"),
        (members('<gendre value="male"/>'), "Patient.gendre", "not an element"),
        (members('<gender xmlns="http://x" value="male"/>'), "Patient.gender", "namespace"),
        (members('<name><first value="A"/></name>'), "Patient.name[0].first", "not an element"),
        (members('<name/><name><given value="A" use="x"/></name>'), "Patient.name[1].given[0]", "'use'"),
        (members('<gender value="male">x</gender>'), "Patient.gender", "has text"),
        (members("male"), "Patient", "has text"),
        (members('<active value="true"/>yes'), "Patient", "has text"),
        (members('<active value="TRUE"/>'), "Patient.active", "true or false"),
        (members('<active value=" true"/>'), "Patient.active", "true or false"),
        (members('<multipleBirthInteger value="02"/>'), "Patient.multipleBirthInteger", "number"),
        (members('<multipleBirthInteger value="1e1"/>'), "Patient.multipleBirthInteger", "number"),
        (members(decimal("+1")), "Patient.extension[0].valueDecimal", "+1"),
        (members(decimal("1e999")), "Patient.extension[0].valueDecimal", "range"),
        (members('<gender value="male"/><gender value="female"/>'), "Patient.gender", "once"),
        (members('<birthDate value="1960"/><gender value="male"/>'), "Patient.gender", "precede"),
        (members("<birthDate/>"), "Patient.birthDate", "neither"),
        (members("<name><given/></name>"), "Patient.name[0].given[0]", "neither"),
        (members('<contained value="x"/>'), "Patient.contained[0]", "attribute"),
        (members("<contained/>"), "Patient.contained[0]", "one resource"),
        (members("<contained><Organization/><Organization/></contained>"), "Patient.contained[0]", "one resource"),
        (members("<contained><Foo/></contained>"), "Patient.contained[0]", "resource type"),
        (members("<text><div><p>x</p></div></text>"), "Patient.text.div", "namespace"),
        (members('<url value="x"/>'), "Patient.url", "not an element"),
        (members("&nbsp;"), None, "nbsp"),
        (members(DEEP), None, "deeper"),
        (f'<Patient {NAMESPACE} id="x"/>', "Patient", "'id'"),
        (f'<!DOCTYPE Patient><Patient {NAMESPACE}/>', None, "document type"),
        (f'<!DOCTYPE P [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><Patient {NAMESPACE}/>', None, "document type"),
        (f'<!DOCTYPE P SYSTEM "file:///etc/passwd"><Patient {NAMESPACE}/>', None, "document type"),
        (f'<?xml version="1.0" encoding="ISO-8859-1"?><Patient {NAMESPACE}/>', None, "ISO-8859-1"),
        (members("\x00"), None, "XML"),
    ],
)  # fmt: skip
def test_what_is_refused(text, where, words):
    with pytest.raises(FhirError) as refusal:
        XML.read(text.encode())
    (issue,) = refusal.value.issues
    assert refusal.value.status == 400 and words in issue.message
    assert where is None or issue.expression == where


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1", "cp037"])
def test_a_document_type_hides_in_no_encoding(encoding):
    text = f'<!DOCTYPE P [<!ENTITY e SYSTEM "file:///etc/passwd">]><Patient {NAMESPACE}><id value="é"/></Patient>'
    with pytest.raises(FhirError) as refusal:
        XML.read(text.encode(encoding))
    assert refusal.value.status == 400


def test_long_values_are_read_as_in_json():
    data = "A" * 12_000_000  # libxml2 stops at ten million unless told otherwise
    text = f'<Binary {NAMESPACE}><contentType value="text/plain"/><data value="{data}"/></Binary>'
    assert XML.read(text.encode())["data"] == data


BITS = st.sampled_from(
    [
        "<", ">", '"', "&", "&#0;", "&#xD800;", "\x00", "\xff", "\uffff", "<!--", "-->", "<?x y?>", "<![CDATA[", "]]>",
        "/>", "</", 'value="', ' id="a"', ' url="b"', 'xmlns="x"', "<contained>", "<div/>", '<id value="x"/>', "1e5",
        "-0",
    ]
)  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, len(PATIENT)), BITS, st.integers(0, 30)), min_size=1, max_size=3))
def test_odd_documents_are_refused_or_come_back(changes):
    text = PATIENT
    for position, bit, deleted in changes:
        text = text[:position] + bit + text[position + deleted :]
    try:
        resource = XML.read(text.encode())
    except FhirError as refusal:
        assert refusal.status == 400
        return
    if not VALIDATOR.validate(resource):
        assert XML.read(XML.write(resource)) == resource
