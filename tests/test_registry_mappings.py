"""What the mapped tables hold for each code that a sender may use; codes and values from their terminologies.

mCODE 4.0.0 (https://hl7.org/fhir/us/mcode/STU4/), RxNorm, SNOMED CT, LOINC and the ATC index of the WHO.
"""

import pytest
from mcode import read_mcode

from fhir_registry.content.registry import load_content
from fhir_registry.core.mapping import map_resource, table_columns
from fhir_registry.core.validate import Validator

LOINC = "http://loinc.org"
SCT = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-"
OWN = "https://registry.example/CodeSystem/"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-"
SUBJECT = {"reference": "Patient/p1"}

content = load_content()
validator = Validator(content.definitions)


def mapped(view_name, resource):
    """The one row of a valid resource in a view: {column: value}."""
    assert validator.validate(resource) == []
    view = next(view for view in content.views if view.name == view_name)
    (row,) = map_resource(resource, [view])[view_name]
    return dict(zip([name for name, _ in table_columns(view)], row, strict=True))


def concept(system, code, display=None, text=None):
    found = {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}
    return found | ({"text": text} if text else {})


def administration(medication, **more):
    return {
        "resourceType": "MedicationAdministration",
        "id": "a1",
        "status": "completed",
        "medicationCodeableConcept": medication,
        "subject": SUBJECT,
        "effectiveDateTime": "2024-01-15",
    } | more


def observation(code, **more):
    base = {"resourceType": "Observation", "id": "o1", "status": "final", "code": code, "subject": SUBJECT}
    return base | {"effectiveDateTime": "2024-03-11"} | more


def condition(code, **more):
    return {"resourceType": "Condition", "id": "c1", "code": code, "subject": SUBJECT} | more


# --- patients and contacts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deceased", "dead", "literal", "lo", "hi"),
    [
        ({}, None, None, None, None),
        ({"deceasedBoolean": False}, False, None, None, None),
        ({"deceasedBoolean": True}, True, None, None, None),
        ({"deceasedDateTime": "2024-02"}, True, "2024-02", 19754, 19782),  # 2024-02-01 is day 19754
        ({"deceasedDateTime": "2024-02-29T23:30:00-05:00"}, True, "2024-02-29T23:30:00-05:00", 19782, 19782),
    ],
)
def test_death_of_a_patient(deceased, dead, literal, lo, hi):
    row = mapped("patient", {"resourceType": "Patient", "id": "p1", "birthDate": "1970", "gender": "female"} | deceased)
    assert (row["deceased"], row["death"], row["death_lo"], row["death_hi"]) == (dead, literal, lo, hi)
    assert (row["patient"], row["birth_lo"], row["birth_hi"], row["gender"]) == ("p1", 0, 364, "female")


def test_merged_patient():
    links = [
        {"other": {"reference": "Patient/p2"}, "type": "seealso"},
        {"other": {"reference": "Patient/p3"}, "type": "replaced-by"},
    ]
    assert mapped("patient", {"resourceType": "Patient", "id": "p1", "link": links})["replaced_by"] == "p3"


@pytest.mark.parametrize("code", [(SCT, "184305005"), (LOINC, "69453-9")])
def test_death_as_an_observation(code):
    row = mapped("observation", observation(concept(*code), valueCodeableConcept=concept(ICD10, "C50.9")))
    assert (row["topic"], row["effective_lo"], row["value_code"]) == ("death", 19793, "C50.9")


def encounter(**more):
    base = {"resourceType": "Encounter", "id": "e1", "status": "finished", "subject": SUBJECT}
    ambulatory = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    return base | {"class": ambulatory, "period": {"start": "2024-01-15", "end": "2024-01-16"}} | more


@pytest.mark.parametrize(
    ("more", "visit"),
    [
        ({"type": [concept(OWN + "visit", "visit-1")]}, "visit-1"),
        ({"type": [concept("https://hospital.example/types", "visit-2")]}, "visit-2"),
        ({"type": [{"text": "Visit 2"}]}, "visit-2"),
        ({"type": [concept(SCT, "185349003"), concept(OWN + "visit", "visit-2")]}, "visit-2"),
        ({"type": [concept(SCT, "185349003")]}, "185349003"),
        ({"identifier": [{"type": concept(OWN + "visit", "visit-1"), "value": "77"}]}, "visit-1"),
        ({"type": [concept(SCT, "185349003")], "identifier": [{"value": "visit-1"}]}, "visit-1"),
        ({"identifier": [{"value": "77"}]}, None),
        ({}, None),
    ],
)
def test_study_visits(more, visit):
    assert mapped("encounter", encounter(**more))["visit"] == visit


def test_discharged_dead():
    system = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
    row = mapped("encounter", encounter(hospitalization={"dischargeDisposition": concept(system, "exp")}))
    assert (row["disposition"], row["start_lo"], row["end_lo"]) == ("exp", 19737, 19738)


def test_enrolment():
    row = mapped(
        "research_subject",
        {
            "resourceType": "ResearchSubject",
            "id": "s1",
            "status": "on-study",
            "study": {"reference": "ResearchStudy/halaven"},
            "individual": SUBJECT,
            "period": {"start": "2024-01-10"},
        },
    )
    assert (row["patient"], row["study"], row["status"], row["start_lo"]) == ("p1", "halaven", "on-study", 19732)


VITAL_STATUS = "https://www.medizininformatik-initiative.de/fhir/core/modul-person/CodeSystem/Vitalstatus"


@pytest.mark.parametrize(
    ("code", "answer", "topic", "value"),
    [
        (concept(SCT, "419099009"), {}, "dead", None),
        (concept(LOINC, "67162-8"), {"valueCodeableConcept": concept(SCT, "419099009")}, "dead", "dead"),
        (concept(LOINC, "67162-8"), {"valueCodeableConcept": concept(SCT, "438949009")}, "vital-status", "alive"),
        (concept(LOINC, "67162-8"), {"valueCodeableConcept": concept(VITAL_STATUS, "T")}, "vital-status", "dead"),
        (concept(LOINC, "67162-8"), {"valueString": "Alive"}, "vital-status", "alive"),
        (concept(LOINC, "67162-8"), {"valueCodeableConcept": concept(SCT, "261665006")}, "vital-status", None),
    ],
)
def test_vital_status(code, answer, topic, value):
    row = mapped("observation", observation(code, **answer))
    assert (row["topic"], row["value"]) == (topic, value)


# --- diagnosis, spread, stage ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ((SCT, "254837009"), "breast"),
        ((SCT, "372137005"), "breast"),
        ((SCT, "353431000119107"), "breast"),
        ((ICD10CM, "C50.811"), "breast"),
        ((ICD10, "C50"), "breast"),
        ((ICD10, "D05.1"), "in-situ"),
        ((SCT, "128462008"), "distant"),
        ((SCT, "94225005"), "distant"),
        ((SCT, "94222008"), "distant"),
        ((SCT, "94381002"), "distant"),
        ((SCT, "94391008"), "distant"),
        ((ICD10CM, "C79.51"), "distant"),
        ((ICD10CM, "C79.31"), "distant"),
        ((ICD10CM, "C78.7"), "distant"),
        ((ICD10, "C78.0"), "distant"),
        ((ICD10, "C77.1"), "distant"),
        ((ICD10, "C77.3"), "regional"),
        (("http://fhir.de/CodeSystem/bfarm/icd-10-gm", "C50.4"), "breast"),
        (("urn:oid:2.16.840.1.113883.6.90", "C79.51"), "distant"),
        (("https://hospital.example", "1", None, "Invasive ductal carcinoma of left breast"), "breast"),
        (("https://hospital.example", "1", None, "Invasive ductal carcinoma of pancreas"), None),
        (("https://hospital.example", "1", None, "左侧乳腺癌"), "breast"),
        (("https://hospital.example", "1", None, "No breast cancer"), None),
        ((ICD10, "I10"), None),
        ((SCT, "99999", "Secondary malignant neoplasm of pleura"), "distant"),
        ((SCT, "99999", "Secondary malignant neoplasm of axillary lymph nodes"), "regional"),
        ((SCT, "99999", "Family history of malignant neoplasm of breast"), None),
        (("https://hospital.example", "1", None, "Locally advanced, unresectable"), "locally-advanced"),
        (("https://hospital.example", "1", None, "Distant recurrence in bone"), "recurrence-distant"),
        ((OWN + "condition-kind", "recurrence-distant"), "recurrence-distant"),
    ],
)
def test_kind_of_condition(code, kind):
    assert mapped("condition", condition(concept(*code)))["kind"] == kind


@pytest.mark.parametrize(
    ("code", "more", "site"),
    [
        ((SCT, "94381002"), {}, "liver"),
        ((SCT, "94493005"), {}, "pleura"),
        ((ICD10, "C78.7"), {}, "liver"),
        ((ICD10CM, "C78.01"), {}, "lung"),
        ((ICD10CM, "C79.51"), {}, "bone"),
        ((ICD10, "C78.8"), {}, None),
        ((SCT, "128462008"), {}, None),
        ((SCT, "128462008"), {"bodySite": [concept(SCT, "39607008")]}, "lung"),
        ((SCT, "128462008"), {"bodySite": [{"text": "Left liver lobe"}]}, "liver"),
        ((ICD10, "C78.0"), {"bodySite": [concept(SCT, "10200004")]}, "lung"),
    ],
)
def test_site_of_a_metastasis(code, more, site):
    assert mapped("condition", condition(concept(*code), **more))["site"] == site


def test_date_of_a_condition():
    def onset(**more):
        return mapped("condition", condition(concept(ICD10, "C50.9"), **more))["onset"]

    asserted = [{"url": "http://hl7.org/fhir/StructureDefinition/condition-assertedDate", "valueDateTime": "2023-05"}]
    assert onset(onsetDateTime="2023-04", recordedDate="2023-06-01", extension=asserted) == "2023-04"
    assert onset(onsetPeriod={"start": "2023-04-02"}, recordedDate="2023-06-01") == "2023-04-02"
    assert onset(recordedDate="2023-06-01", extension=asserted) == "2023-05"
    assert onset(recordedDate="2023-06-01") == "2023-06-01"
    assert onset() is None


def test_refuted_condition_keeps_its_status():
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    row = mapped("condition", condition(concept(ICD10, "C50.9"), verificationStatus=concept(system, "refuted")))
    assert row["verification"] == "refuted"


def test_metastasis_told_by_an_answer_or_a_history():
    answer = observation(concept(LOINC, "97509-4"), valueCodeableConcept=concept(SCT, "399409002"))
    history = observation(concept(SCT, "1287652008"), valueBoolean=True)
    for resource in (answer, history):
        row = mapped("observation", resource)
        assert (row["topic"], row["value"]) == ("metastasis", "positive")
    assert mapped("observation", history | {"valueBoolean": False})["value"] == "negative"


STAGE = concept(LOINC, "21908-9")
SYSTEMS_OF_STAGE = [(SCT, "399390009"), (SCT, "399537006"), (SCT, "399588009")]
SYSTEMS_OF_STAGE += [(LOINC, "21908-9"), (LOINC, "21902-2"), (LOINC, "21914-7")]


@pytest.mark.parametrize("code", SYSTEMS_OF_STAGE)
def test_stage_group(code):
    row = mapped("observation", observation(concept(*code), valueCodeableConcept=concept(SCT, "1222837003")))
    assert (row["topic"], row["value"]) == ("stage", "IV")


@pytest.mark.parametrize(
    "value",
    [
        concept(SCT, "2640006", "Clinical stage IV (finding)"),
        concept(SCT, "258228008", "Stage 4 (qualifier value)"),
        concept("http://cancerstaging.org", "4"),
        {"text": "IV"},
        {"text": "4"},
        {"text": "Stage IV"},
    ],
)
def test_stage_four(value):
    assert mapped("observation", observation(STAGE, valueCodeableConcept=value))["value"] == "IV"


def test_stage_within_a_condition():
    stages = [{"summary": {"text": "pT2"}}, {"summary": concept(SCT, "1222837003")}]
    assert mapped("condition", condition(concept(ICD10, "C50.9"), stage=stages))["stage"] == "IV"
    assert mapped("condition", condition(concept(ICD10, "C50.9")))["stage"] is None


@pytest.mark.parametrize("code", ["21907-1", "21901-4", "21913-9"])
def test_m_category_of_loinc(code):
    row = mapped("observation", observation(concept(LOINC, code), valueString="M1b"))
    assert (row["topic"], row["value"]) == ("m-category", "M1")


@pytest.mark.parametrize("code", ["399387003", "371497001"])
@pytest.mark.parametrize(("value", "category"), [("1229903009", "M1"), ("1229916009", "M1"), ("1229901006", "M0")])
def test_m_category(code, value, category):
    row = mapped("observation", observation(concept(SCT, code), valueCodeableConcept=concept(SCT, value)))
    assert (row["topic"], row["value"]) == ("m-category", category)


# --- biomarkers, performance, menopause -----------------------------------------------------------------

TOPICS = {
    "her2": "48676-1",
    "her2-ihc": "85319-2 18474-7 72383-3",
    "her2-ish": "85318-4 74885-5",
    "her2-ratio": "49683-6",
    "her2-copies": "74860-8",
    "er": "85337-4 16112-5 40556-3 14130-9 85310-1",
    "pr": "85339-0 16113-3 40557-1 10861-3 31207-4 85331-7",
    "ecog": "89247-1",
    "karnofsky": "89243-0",
    "response": "97509-4 88040-1 21976-6",
}


@pytest.mark.parametrize(
    ("topic", "code"), [(topic, code) for topic, codes in TOPICS.items() for code in codes.split()]
)
def test_topic_of_a_loinc_code(topic, code):
    assert mapped("observation", observation(concept(LOINC, code), valueInteger=1))["topic"] == topic


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ({"valueCodeableConcept": concept(LOINC, "LA6576-8")}, "positive"),
        ({"valueCodeableConcept": concept(LOINC, "LA6577-6")}, "negative"),
        ({"valueCodeableConcept": concept(SCT, "10828004")}, "positive"),
        ({"valueCodeableConcept": concept(SCT, "260385009")}, "negative"),
        ({"valueCodeableConcept": concept(SCT, "427685000")}, "positive"),
        ({"valueCodeableConcept": concept(SCT, "431396003")}, "negative"),
        ({"valueCodeableConcept": concept(SCT, "416053008")}, "positive"),
        ({"valueCodeableConcept": concept(SCT, "416561008")}, "positive"),
        ({"valueCodeableConcept": concept(SCT, "441118006")}, "negative"),
        ({"valueCodeableConcept": concept(SCT, "280414007")}, "equivocal"),
        ({"valueCodeableConcept": concept(SCT, "373572006")}, "negative"),
        ({"valueCodeableConcept": concept(LOINC, "LA9633-4")}, "positive"),
        ({"valueCodeableConcept": concept(LOINC, "LA11883-8")}, "negative"),
        ({"valueCodeableConcept": concept(SCT, "260373001")}, "positive"),
        ({"valueCodeableConcept": {"text": "Not detected"}}, "negative"),
        ({"valueCodeableConcept": {"text": "Positive (3+)"}}, "positive"),
        ({"valueCodeableConcept": {"text": "3+"}}, "3+"),
        ({"valueString": "IHC 2+"}, "2+"),
        ({"valueString": "HER2 positive"}, "positive"),
        ({"valueString": "not positive"}, None),
        ({"valueString": "0"}, "0"),
        ({"valueString": "阴性"}, "negative"),
        (
            {"interpretation": [concept("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "POS")]},
            "positive",
        ),
        ({"interpretation": [concept("http://hl7.org/fhir/v3/ObservationInterpretation", "NEG")]}, "negative"),
        ({"valueCodeableConcept": {"text": "sample lost"}}, None),
        ({}, None),
    ],
)
def test_result_of_a_receptor_test(answer, value):
    assert mapped("observation", observation(concept(LOINC, "85319-2"), **answer))["value"] == value


def test_numbers_keep_their_unit():
    percent = {"value": 1, "unit": "percent", "system": "http://unitsofmeasure.org", "code": "%"}
    row = mapped("observation", observation(concept(LOINC, "85337-4"), valueQuantity=percent))
    assert (row["topic"], row["value_number"], row["value_unit"]) == ("er", 1.0, "%")
    assert mapped("observation", observation(concept(LOINC, "89247-1"), valueInteger=2))["value_number"] == 2.0


@pytest.mark.parametrize(
    ("answer", "score"),
    [("LA9622-7", "0"), ("LA9623-5", "1"), ("LA9624-3", "2"), ("LA9625-0", "3"), ("LA9626-8", "4"), ("LA9627-6", "5")],
)
def test_ecog_answers(answer, score):
    resource = observation(concept(LOINC, "89247-1"), interpretation=[concept(LOINC, answer)])
    assert mapped("observation", resource)["value"] == score


@pytest.mark.parametrize(("code", "value"), [("309606002", "premenopausal"), ("307429007", "postmenopausal")])
def test_menopausal_status(code, value):
    row = mapped("observation", observation(concept(SCT, "161712005"), valueCodeableConcept=concept(SCT, code)))
    assert (row["topic"], row["value"]) == ("menopause", value)


# --- drugs ----------------------------------------------------------------------------------------------

# drug: (RxNorm ingredients, SNOMED CT substances, ATC codes of today and before, class)
DRUGS = {
    "eribulin": ("1045453", "448800004", "L01XX41", "chemo"),
    "fulvestrant": ("282357", "385519002", "L02BA03", "hormonal/anti-oestrogen"),
    "paclitaxel": ("56946", "387374002", "L01CD01", "chemo"),
    "nab-paclitaxel": ("589511", "426653008", "", "chemo"),
    "docetaxel": ("72962", "386918005", "L01CD02", "chemo"),
    "trastuzumab": ("224905", "387003001", "L01FD01 L01XC03", "targeted"),
    "pertuzumab": ("1298944", "704226002", "L01FD02 L01XC13", "targeted"),
    "trastuzumab-pertuzumab": ("", "", "L01FY01 L01XY02", "targeted"),
    "trastuzumab-emtansine": ("1371041", "702836004", "L01FD03 L01XC14", "targeted/adc"),
    "trastuzumab-deruxtecan": ("2267575", "", "L01FD04 L01XC41", "targeted/adc"),
    "margetuximab": ("", "", "L01FD06", "targeted"),
    "zanidatamab": ("", "", "L01FD07", "targeted"),
    "lapatinib": ("480167", "425820005", "L01EH01 L01XE07", "targeted"),
    "neratinib": ("1940643", "736632003", "L01EH02", "targeted"),
    "tucatinib": ("2361286", "", "L01EH03", "targeted"),
    "tamoxifen": ("10324", "373345002", "L02BA01", "hormonal/anti-oestrogen"),
    "toremifene": ("38409", "387588002", "L02BA02", "hormonal/anti-oestrogen"),
    "letrozole": ("72965", "386911004", "L02BG04", "hormonal/aromatase-inhibitor"),
    "anastrozole": ("84857", "386910003", "L02BG03", "hormonal/aromatase-inhibitor"),
    "exemestane": ("258494", "387017005", "L02BG06", "hormonal/aromatase-inhibitor"),
    "goserelin": ("50610", "108771008", "L02AE03", "hormonal/ofs"),
    "leuprorelin": ("42375", "397198002", "L02AE02", "hormonal/ofs"),
    "triptorelin": ("", "", "L02AE04", "hormonal/ofs"),
    "elacestrant": ("", "", "L02BA04", "hormonal/anti-oestrogen"),
    "camizestrant": ("", "", "L02BA05", "hormonal/anti-oestrogen"),
    "capecitabine": ("194000", "386906001", "L01BC06", "chemo"),
    "gemcitabine": ("12574", "386920008", "L01BC05", "chemo"),
    "vinorelbine": ("39541", "372541004", "L01CA04", "chemo"),
    "doxorubicin": ("3639 1790099", "372817009", "L01DB01", "chemo"),
    "epirubicin": ("3995", "417916005", "L01DB03", "chemo"),
    "cyclophosphamide": ("3002", "387420009", "L01AA01", "chemo"),
    "fluorouracil": ("4492", "387172005", "L01BC02", "chemo"),
    "methotrexate": ("6851", "387381009", "L01BA01", "chemo"),
    "carboplatin": ("40048", "386905002", "L01XA02", "chemo"),
    "cisplatin": ("2555", "387318005", "L01XA01", "chemo"),
    "ixabepilone": ("337523", "428282007", "L01DC04", "chemo"),
    "utidelone": ("", "", "L01DC05", "chemo"),
    "palbociclib": ("1601374", "715958001", "L01EF01 L01XE33", "targeted"),
    "ribociclib": ("1873916", "732257004", "L01EF02 L01XE42", "targeted"),
    "abemaciclib": ("1946828", "761851004", "L01EF03 L01XE50", "targeted"),
    "everolimus": ("141704", "428698007", "L01EG02 L01XE10", "targeted"),
    "alpelisib": ("2169285", "788050002", "L01EM03", "targeted"),
    "inavolisib": ("", "", "L01EM06", "targeted"),
    "capivasertib": ("", "", "L01EX27", "targeted"),
    "olaparib": ("1597582", "432162002", "L01XK01", "targeted"),
    "talazoparib": ("", "782199007", "L01XK04", "targeted"),
    "bevacizumab": ("253337", "409406007", "L01FG01 L01XC07", "targeted"),
    "sacituzumab-govitecan": ("2360231", "", "L01FX17", "targeted/adc"),
    "datopotamab-deruxtecan": ("", "", "L01FX35", "targeted/adc"),
    "pembrolizumab": ("1547545", "716125002", "L01FF02", "immuno"),
    "atezolizumab": ("1792776", "719371003", "L01FF05", "immuno"),
    "tucidinostat": ("", "", "L01XH06", "targeted"),
    "zoledronic-acid": ("77655", "395926009", "M05BA08", "supportive"),
    "denosumab": ("993449", "446321003", "M05BX04", "supportive"),
}
CODES = [
    (drug, system, code, kind)
    for drug, (*codes, kind) in DRUGS.items()
    for system, found in zip((RXNORM, SCT, ATC), codes, strict=True)
    for code in found.split()
]


@pytest.mark.parametrize(("drug", "system", "code", "kind"), CODES)
def test_drug_and_class_of_a_code(drug, system, code, kind):
    row = mapped("medication_administration", administration(concept(system, code)))
    assert (row["drug"], row["drug_code"], row["drug_class"]) == (drug, code, kind)


@pytest.mark.parametrize("system", ["http://fhir.de/CodeSystem/bfarm/atc", "urn:oid:2.16.840.1.113883.6.73"])
def test_other_names_of_atc(system):
    row = mapped("medication_administration", administration(concept(system, "L01FF02")))
    assert (row["drug"], row["drug_class"]) == ("pembrolizumab", "immuno")


@pytest.mark.parametrize(
    ("text", "drug"),
    [
        ("Eribulin mesylate 0.44 mg/mL injection", "eribulin"),
        ("HALAVEN", "eribulin"),
        ("Faslodex 250 mg", "fulvestrant"),
        ("注射用紫杉醇脂质体(力扑素)", "paclitaxel-liposome"),
        ("Paclitaxel liposome", "paclitaxel-liposome"),
        ("Lipusu", "paclitaxel-liposome"),
        ("Paclitaxel (liposomal)", "paclitaxel-liposome"),
        ("エリブリンメシル酸塩", "eribulin"),
        ("에리불린메실산염", "eribulin"),
        ("力扑素", "paclitaxel-liposome"),
        ("nab-paclitaxel (Abraxane)", "nab-paclitaxel"),
        ("紫杉醇注射液", "paclitaxel"),
        ("伊尼妥单抗", "inetetamab"),
        ("Cipterbin", "inetetamab"),
        ("吡咯替尼", "pyrotinib"),
        ("ado-trastuzumab emtansine", "trastuzumab-emtansine"),
        ("fam-trastuzumab deruxtecan-nxki", "trastuzumab-deruxtecan"),
        ("Trastuzumab 440 mg", "trastuzumab"),
        ("pertuzumab and trastuzumab, subcutaneous", "trastuzumab-pertuzumab"),
        ("5-Fluorouracil", "fluorouracil"),
        ("Acetaminophen 325 MG Oral Tablet", None),
    ],
)
def test_drug_of_a_text(text, drug):
    row = mapped("medication_administration", administration({"text": text}))
    assert (row["drug"], row["drug_text"], row["drug_code"]) == (drug, text, None)


def test_text_refines_the_code_of_the_parent():
    lipusu = concept(ATC, "L01CD01", "paclitaxel", text="力扑素")
    row = mapped("medication_administration", administration(lipusu))
    assert (row["drug"], row["drug_code"], row["drug_class"]) == ("paclitaxel-liposome", "L01CD01", "chemo")
    local = concept("https://hospital.example/products", "YP-20207", "注射用伊尼妥单抗")
    row = mapped("medication_administration", administration(local))
    assert (row["drug"], row["drug_code"], row["drug_class"]) == ("inetetamab", "YP-20207", "targeted")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("L01CE02", "chemo"),
        ("L01XX17", "chemo"),
        ("L01XX19", "chemo"),
        ("L01XX99", "chemo"),
        ("L01XB01", "chemo"),
        ("L01AA09", "chemo"),
        ("L01FF01", "immuno"),
        ("L01FA01", "targeted"),
        ("L01XG01", "targeted"),
        ("L01XM01", "targeted"),
        ("L01XC99", "targeted"),
        ("L02BB04", "hormonal"),
        ("L02AB01", "hormonal/progestogen"),
        ("L02AB02", "hormonal/progestogen"),
        ("G03DB02", "hormonal-if-breast-cancer"),
        ("G03DA02", "hormonal-if-breast-cancer"),
        ("G03BA03", "hormonal-if-breast-cancer"),
        ("G03AC06", "ignored"),
        ("G03FA01", "ignored"),
        ("L04AX03", "ignored"),
        ("L04AH02", "ignored"),
        ("L04AA18", "ignored"),
        ("S01LA08", "ignored"),
        ("M05BA08", "supportive"),
        ("V03AF03", "supportive"),
        ("A04AA01", "supportive"),
        ("H02AB02", "supportive"),
        ("L03AA02", "supportive"),
        ("N02BE01", "ignored"),
        ("L01ZZ99", None),
    ],
)
def test_class_of_an_atc_code(code, kind):
    assert mapped("medication_administration", administration(concept(ATC, code)))["drug_class"] == kind


@pytest.mark.parametrize(
    ("coding", "drug_class"),
    [
        ((RXNORM, "6703"), "hormonal/progestogen"),  # section 2.5 puts the ingredient at L02AB01
        ((ATC, "L02AB01"), "hormonal/progestogen"),
        ((ATC, "G03DB02"), "hormonal-if-breast-cancer"),
    ],
)
def test_progestogens_need_an_indication_only_where_their_code_means_another_use(coding, drug_class):
    statement = {
        "resourceType": "MedicationStatement",
        "id": "m1",
        "status": "completed",
        "medicationCodeableConcept": concept(*coding),
        "subject": SUBJECT,
        "reasonCode": [concept(ICD10, "C50.9")],
    }
    row = mapped("medication_statement", statement)
    assert (row["drug"], row["drug_class"]) == ("megestrol", drug_class)
    assert row["indication"] == "breast-cancer"
    assert mapped("medication_statement", statement | {"reasonCode": [concept(ICD10, "N92.0")]})["indication"] is None


def test_medication_by_reference_contained_or_as_ingredient():
    by_reference = administration(None)
    del by_reference["medicationCodeableConcept"]
    by_reference["medicationReference"] = {"reference": "Medication/m7"}
    row = mapped("medication_administration", by_reference)
    assert (row["medication"], row["drug"], row["drug_class"]) == ("m7", None, None)

    contained = {"resourceType": "Medication", "id": "in", "code": concept(RXNORM, "1045453")}
    by_fragment = by_reference | {"contained": [contained], "medicationReference": {"reference": "#in"}}
    row = mapped("medication_administration", by_fragment)
    assert (row["medication"], row["drug"], row["drug_class"]) == (None, "eribulin", "chemo")

    product = {
        "resourceType": "Medication",
        "id": "m7",
        "ingredient": [{"itemCodeableConcept": concept(RXNORM, "282357")}],
    }
    row = mapped("medication", product)
    assert (row["id"], row["drug"], row["drug_class"]) == ("m7", "fulvestrant", "hormonal/anti-oestrogen")


# --- treatment ------------------------------------------------------------------------------------------


def test_dose_with_all_that_tells_doses_apart():
    resource = administration(
        concept(RXNORM, "282357"),
        identifier=[{"system": "https://hospital.example/doses", "value": "17"}, {"value": "second"}],
        performer=[{"actor": {"reference": "Practitioner/n1"}}],
        dosage={
            "site": concept(SCT, "723979003", "Left buttock"),
            "dose": {"value": 250, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"},
        },
    )
    del resource["effectiveDateTime"]
    resource["effectivePeriod"] = {"start": "2024-01-15T09:00:00+01:00", "end": "2024-01-15T09:05:00+01:00"}
    row = mapped("medication_administration", resource)
    assert (row["patient"], row["status"]) == ("p1", "completed")
    assert (row["start"], row["start_lo"], row["end_lo"]) == ("2024-01-15T09:00:00+01:00", 19737, 19737)
    assert (row["dose"], row["dose_unit"], row["site"]) == (250.0, "mg", "723979003")
    assert (row["identifier"], row["performer"]) == ("https://hospital.example/doses|17", "Practitioner/n1")


INTENTS = [
    ((SCT, "373808002"), "curative"),
    ((SCT, "363676003"), "palliative"),
    ((SCT, "373846009"), "adjuvant"),
    ((SCT, "373847000"), "neoadjuvant"),
    ((NCIT, "C2140"), "adjuvant"),
    ((NCIT, "C15665"), "neoadjuvant"),
    ((NCIT, "C15688"), "maintenance"),
]


@pytest.mark.parametrize(("code", "intent"), INTENTS)
@pytest.mark.parametrize("extension", ["procedure-intent", "treatment-intent"])
def test_intent(code, intent, extension):
    extensions = [{"url": MCODE + extension, "valueCodeableConcept": concept(*code)}]
    given = administration(concept(ATC, "L01CD01"), extension=extensions)
    assert mapped("medication_administration", given)["intent"] == intent
    stated = given | {"resourceType": "MedicationStatement"}
    assert mapped("medication_statement", stated)["intent"] == intent
    ordered = {k: v for k, v in given.items() if k != "effectiveDateTime"}
    ordered |= {"resourceType": "MedicationRequest", "intent": "order", "authoredOn": "2024-01-02"}
    row = mapped("medication_request", ordered)
    assert (row["intent"], row["authored_lo"]) == (intent, 19724)


LINE = {"url": "https://registry.example/StructureDefinition/line-of-therapy", "valuePositiveInt": 2}
ONCONOVA = "http://onconova.github.io/fhir/StructureDefinition/onconova-ext-therapy-line-"


def test_asserted_line_of_a_treatment():
    given = administration(concept(ATC, "L01CD01"), extension=[LINE])
    assert mapped("medication_administration", given)["line"] == 2
    assert mapped("medication_administration", administration(concept(ATC, "L01CD01")))["line"] is None
    assert mapped("medication_statement", given | {"resourceType": "MedicationStatement"})["line"] == 2
    ordered = {k: v for k, v in given.items() if k != "effectiveDateTime"}
    ordered |= {"resourceType": "MedicationRequest", "intent": "order"}
    assert mapped("medication_request", ordered)["line"] == 2


def episode(*codes, **more):
    base = {"resourceType": "EpisodeOfCare", "id": "e1", "status": "finished", "patient": SUBJECT}
    return base | {"type": [concept(*code) for code in codes]} | more


LINE_OF_THERAPY = (NCIT, "C133518", "Line of Therapy")


@pytest.mark.parametrize(
    ("extensions", "line", "intent"),
    [
        ([], None, None),
        ([LINE], 2, None),
        (
            [LINE, {"url": MCODE + "treatment-intent", "valueCodeableConcept": concept(SCT, "363676003")}],
            2,
            "palliative",
        ),
        (
            [
                {"url": ONCONOVA + "number", "valuePositiveInt": 3},
                {"url": ONCONOVA + "intent", "valueCodeableConcept": concept(SCT, "373808002")},
            ],
            3,
            "curative",
        ),
    ],
)
def test_line_of_therapy_as_an_episode(extensions, line, intent):
    period = {"start": "2024-01-15", "end": "2024-06"}
    more = {"extension": extensions} if extensions else {}
    row = mapped("episode_of_care", episode((SCT, "394802001"), LINE_OF_THERAPY, period=period, **more))
    assert (row["patient"], row["status"], row["line"], row["intent"]) == ("p1", "finished", line, intent)
    assert (row["start_lo"], row["start_hi"], row["end_lo"], row["end_hi"]) == (19737, 19737, 19875, 19904)


@pytest.mark.parametrize("codes", [(), ((SCT, "C133518"),), ((NCIT, "C15688"),)])
def test_other_episodes_of_care_are_no_lines_of_therapy(codes):
    view = next(view for view in content.views if view.name == "episode_of_care")
    resource = episode(*codes, extension=[LINE])
    assert map_resource({k: v for k, v in resource.items() if v}, [view])["episode_of_care"] == []


REASONS = {
    "progression": [(SCT, "419835002"), (SCT, "271299001"), (MII + "therapie-ende-grund", "P")],
    "no-response": [(SCT, "266721009")],
    "adverse-event": [(SCT, "407563006"), (SCT, "281647001"), (MII + "therapie-ende-grund", "A")],
    "patient-decision": [(SCT, "105480006"), (SCT, "7058009"), (MII + "therapie-ende-grund", "V")],
    "death": [(SCT, "419620001"), (MII + "therapie-ende-grund", "T")],
    "lost-to-follow-up": [(SCT, "399307001"), (SCT, "184081006")],
    "access": [(SCT, "160932005"), (SCT, "309846006")],
    "completed": [
        (SCT, "182992009"),
        (SCT, "443729008"),
        (MII + "therapie-ende-grund", "E"),
        (MII + "therapie-ende-grund", "R"),
    ],
    "pregnancy": [(SCT, "77386006")],
    "other": [(MII + "therapie-ende-grund", "W"), (SCT, "182862001")],
    "unknown": [(MII + "therapie-ende-grund", "U")],
}


@pytest.mark.parametrize(("reason", "code"), [(reason, code) for reason, codes in REASONS.items() for code in codes])
def test_reason_to_stop(reason, code):
    stopped = administration(concept(ATC, "L01XX41"), statusReason=[concept(*code)])
    row = mapped("medication_administration", stopped)
    assert (row["reason"], row["reason_code"]) == (reason, code[1])
    assert mapped("medication_statement", stopped | {"resourceType": "MedicationStatement"})["reason"] == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [("Disease progression", "progression"), ("Unacceptable toxicity", "adverse-event"), ("moved house", "other")],
)
def test_reason_in_words(text, reason):
    stopped = administration(concept(ATC, "L01XX41"), statusReason=[{"text": text}])
    assert mapped("medication_administration", stopped)["reason"] == reason


def test_all_reasons_are_kept():
    reasons = [concept(SCT, "407563006"), concept(SCT, "419835002"), {"text": "Toxicity"}]
    stopped = administration(concept(ATC, "L01XX41"), statusReason=reasons)
    assert mapped("medication_administration", stopped)["reasons"] == '["adverse-event","progression"]'
    assert mapped("medication_administration", administration(concept(ATC, "L01XX41")))["reasons"] == "[]"


def test_no_reason_is_no_reason():
    assert mapped("medication_administration", administration(concept(ATC, "L01XX41")))["reason"] is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (concept(SCT, "64368001"), "breast-surgery"),
        (concept(SCT, "392021009"), "breast-surgery"),
        (concept(SCT, "172043006"), "breast-surgery"),
        ({"text": "Modified radical mastectomy"}, "breast-surgery"),
        (concept(SCT, "83152002"), "oophorectomy"),
        ({"text": "External beam radiotherapy"}, "radiotherapy"),
        (concept(SCT, "80146002", "Appendectomy"), "other"),
    ],
)
def test_kind_of_procedure(code, kind):
    resource = {"resourceType": "Procedure", "id": "x", "status": "completed", "code": code, "subject": SUBJECT}
    row = mapped("procedure", resource | {"performedPeriod": {"start": "2024-01-15", "end": "2024-02"}})
    assert (row["kind"], row["start_lo"], row["end_hi"]) == (kind, 19737, 19782)


def test_radiotherapy_by_its_profile():
    resource = {
        "resourceType": "Procedure",
        "id": "x",
        "meta": {"profile": [MCODE + "radiotherapy-course-summary"]},
        "status": "completed",
        "code": concept(SCT, "1217123003"),
        "subject": SUBJECT,
    }
    assert mapped("procedure", resource)["kind"] == "radiotherapy"


# --- response -------------------------------------------------------------------------------------------

TUMOUR = MII + "verlauf-gesamtbeurteilung"
RESPONSES = {
    "CR": [(LOINC, "LA28366-5"), (SCT, "550991000124107"), (SCT, "103338009"), ("http://www.radlex.org", "RID11511")],
    "PR": [(LOINC, "LA28369-9"), (SCT, "551001000124108"), (SCT, "103337004"), (SCT, "268910001"), (TUMOUR, "T")],
    "SD": [(LOINC, "LA28371-5"), (SCT, "359746009"), (SCT, "260388006"), (TUMOUR, "K"), (TUMOUR, "B")],
    "PD": [(LOINC, "LA28370-7"), (SCT, "271299001"), (SCT, "419835002"), (TUMOUR, "P"), (TUMOUR, "Y"), (TUMOUR, "D")],
    "NE": [(LOINC, "LA9348-9"), (SCT, "709137006"), (TUMOUR, "U"), (TUMOUR, "X"), ("https://hospital.example", "NE")],
}
RESPONSES["CR"] += [(TUMOUR, "V"), (TUMOUR, "R"), ("https://hospital.example", "CR")]
RESPONSES["PR"] += [("http://www.radlex.org", "RID11513")]
RESPONSES["SD"] += [("http://www.radlex.org", "RID11514")]
RESPONSES["PD"] += [("http://www.radlex.org", "RID11515")]


@pytest.mark.parametrize("question", ["97509-4", "88040-1", "21976-6"])
@pytest.mark.parametrize(("value", "code"), [(value, code) for value, codes in RESPONSES.items() for code in codes])
def test_response(question, value, code):
    row = mapped("observation", observation(concept(LOINC, question), valueCodeableConcept=concept(*code)))
    assert (row["topic"], row["value"], row["value_code"]) == ("response", value, code[1])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NON-CR/NON-PD", "NON-CR/NON-PD"),
        ("Partial response", "PR"),
        ("PR", "PR"),
        ("疾病进展", "PD"),
        ("Stable disease, no progressive disease", "SD"),
        ("no progressive disease", None),
        ("improved", None),
    ],
)
def test_response_in_words(text, value):
    own = concept(OWN + "observation-topic", "recist-overall-response")
    row = mapped("observation", observation(own, valueString=text))
    assert (row["topic"], row["value"]) == ("response", value)


def test_not_detected_is_not_yet_a_response():
    row = mapped("observation", observation(concept(LOINC, "97509-4"), valueCodeableConcept=concept(SCT, "260415000")))
    assert row["value"] == "not-detected"


@pytest.mark.parametrize(
    ("code", "evidence"),
    [("363679005", "imaging"), ("5880005", "physical-exam"), ("108257001", "pathology"), ("386344002", "lab")],
)
def test_evidence_of_a_response(code, evidence):
    extensions = [{"url": MCODE + "cancer-disease-status-evidence-type", "valueCodeableConcept": concept(SCT, code)}]
    assert mapped("observation", observation(concept(LOINC, "97509-4"), extension=extensions))["evidence"] == evidence


def test_method_is_evidence_too():
    recist = concept("http://dicom.nema.org/resources/ontology/DCM", "126081")
    assert mapped("observation", observation(concept(LOINC, "97509-4"), method=recist))["evidence"] == "imaging"


def test_date_that_is_not_known_is_no_date():
    absent = [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
    resource = observation(concept(LOINC, "97509-4"), _effectiveDateTime={"extension": absent})
    del resource["effectiveDateTime"]
    row = mapped("observation", resource | {"issued": "2024-03-20T10:00:00Z"})
    assert (row["effective"], row["effective_lo"], row["effective_hi"]) == (None, None, None)


# --- adverse events -------------------------------------------------------------------------------------

GRADE = "http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade"
GRADES = [
    (GRADE, concept("http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system", "3"), 3),
    ("http://hl7.org/fhir/uv/ae-research-ig/StructureDefinition/ae-grade", concept(NCIT, "C41338"), 1),
    ("http://hl7.org/fhir/uv/ae-research-ig/StructureDefinition/ae-grade", concept(NCIT, "C41339"), 2),
    ("http://hl7.org/fhir/uv/ae-research-ig/StructureDefinition/ae-grade", concept(NCIT, "C41340"), 3),
    ("http://hl7.org/fhir/uv/ae-research-ig/StructureDefinition/ae-grade", concept(NCIT, "C41337"), 4),
    ("http://hl7.org/fhir/uv/ae-research-ig/StructureDefinition/ae-grade", concept(NCIT, "C48275"), 5),
]


def adverse_event(**more):
    return {
        "resourceType": "AdverseEvent",
        "id": "ae1",
        "actuality": "actual",
        "event": concept("https://www.meddra.org", "10029366", "Neutrophil count decreased"),
        "subject": SUBJECT,
        "date": "2024-02-01",
    } | more


@pytest.mark.parametrize(("url", "value", "grade"), GRADES)
def test_grade_of_an_adverse_event(url, value, grade):
    row = mapped("adverse_event", adverse_event(extension=[{"url": url, "valueCodeableConcept": value}]))
    assert row["grade"] == grade


def test_adverse_event():
    hl7 = "http://terminology.hl7.org/CodeSystem/adverse-event-"
    ended = [
        {
            "url": "http://hl7.org/fhir/us/ctcae/StructureDefinition/adverse-event-resolved-date",
            "valueDateTime": "2024-02",
        }
    ]
    row = mapped(
        "adverse_event",
        adverse_event(
            extension=ended,
            meta={"tag": [{"system": OWN + "tag", "code": "entered-in-error"}]},
            severity=concept(hl7 + "severity", "severe"),
            seriousness=concept(hl7 + "seriousness", "Serious"),
            outcome=concept(hl7 + "outcome", "ongoing"),
            suspectEntity=[
                {
                    "instance": {"reference": "MedicationAdministration/a1"},
                    "causality": [{"assessment": concept(hl7 + "causality-assess", "Possible")}],
                }
            ],
        ),
    )
    assert (row["term_system"], row["term_code"]) == ("https://www.meddra.org", "10029366")
    assert row["term_text"] == "Neutrophil count decreased"
    assert (row["onset_lo"], row["end_lo"], row["end_hi"]) == (19754, 19754, 19782)
    assert (row["severity"], row["seriousness"], row["outcome"]) == ("severe", "Serious", "ongoing")
    assert (row["causality"], row["in_error"], row["grade"]) == ("Possible", True, None)
    assert mapped("adverse_event", adverse_event())["in_error"] is False


TERMS = [
    (
        concept("https://www.meddra.org", "10029366"),
        "Neutrophil count decreased",
        "Investigations",
        "Neutropenia (grouped)",
    ),
    (
        concept("http://terminology.hl7.org/CodeSystem/MDRAE", "10029354"),
        "Neutropenia",
        "Blood and lymphatic system disorders",
        "Neutropenia (grouped)",
    ),
    ({"text": "Febrile  neutropenia"}, "Febrile neutropenia", "Blood and lymphatic system disorders", None),
    ({"text": "Diarrhoea"}, "Diarrhea", "Gastrointestinal disorders", None),
    (concept("https://www.meddra.org", "10000001", "Something rare"), "10000001", None, None),
    ({"text": "something in words"}, None, None, None),
]


@pytest.mark.parametrize(("event", "term", "soc", "group"), TERMS)
def test_term_of_an_adverse_event(event, term, soc, group):
    row = mapped("adverse_event", adverse_event(event=event))
    assert (row["term"], row["soc"], row["term_group"]) == (term, soc, group)


@pytest.mark.parametrize(
    ("system", "code", "relatedness"),
    [
        ("http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess", "Certain", "related"),
        ("http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess", "Possible", "related"),
        ("http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess", "Unlikely", "not-related"),
        (
            "http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess",
            "Unassessable-Unclassifiable",
            "unassessed",
        ),
        (NCIT, "C53258", "related"),
    ],
)
def test_relatedness_of_an_adverse_event(system, code, relatedness):
    suspect = {
        "instance": {"reference": "MedicationAdministration/a1"},
        "causality": [{"assessment": concept(system, code)}],
    }
    assert mapped("adverse_event", adverse_event(suspectEntity=[suspect]))["relatedness"] == relatedness


def test_adverse_event_of_a_trial():
    base = "http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/"
    extensions = [
        {"url": base + "ae-grade", "valueCodeableConcept": concept(NCIT, "C41340")},
        {"url": base + "resolve-date", "valueDateTime": "2024-02-29"},
        {"url": base + "caused-subject-to-discontinue-study", "valueBoolean": True},
    ]
    row = mapped("adverse_event", adverse_event(extension=extensions, detected="2024-02-03"))
    assert (row["grade"], row["end_lo"], row["led_to_stop"]) == (3, 19782, True)
    assert (row["onset_lo"], row["detected_lo"]) == (19754, 19756)


def test_adverse_event_of_onconova():
    base = "http://onconova.github.io/fhir/StructureDefinition/onconova-ext-adverse-event-"
    extensions = [
        {"url": base + "ctc-grade", "valueInteger": 4},
        {"url": base + "resolved-date", "valueDate": "2024-02-29"},
    ]
    row = mapped("adverse_event", adverse_event(extension=extensions))
    assert (row["grade"], row["end_lo"]) == (4, 19782)


# --- mCODE's own examples -------------------------------------------------------------------------------

JENNY = {
    "Condition-primary-cancer-condition": ("condition", {"kind": "breast"}),
    "MedicationAdministration-cancer-related-medication-admin-doxorubicin": (
        "medication_administration",
        {"drug": "doxorubicin", "drug_class": "chemo"},
    ),
    "MedicationRequest-cancer-related-medication-request-anastrozole": (
        "medication_request",
        {"drug": "anastrozole", "drug_class": "hormonal/aromatase-inhibitor", "intent": "curative"},
    ),
    "Observation-cancer-disease-status": ("observation", {"topic": "response", "evidence": "imaging"}),
    "Observation-ecog-performance-status": ("observation", {"topic": "ecog", "value_number": 0.0}),
    "Observation-tnm-clinical-distant-metastases-category": ("observation", {"topic": "m-category", "value": "M0"}),
    "Observation-tnm-clinical-stage-group": ("observation", {"topic": "stage", "value": None}),  # IIB
    "Observation-tumor-marker-test-er": ("observation", {"topic": "er", "value": "positive"}),
    "Observation-tumor-marker-test-her2": ("observation", {"topic": "her2", "value": "negative"}),
    "Observation-tumor-marker-test-pr": ("observation", {"topic": "pr", "value": "negative"}),
    "Procedure-cancer-related-surgical-procedure": ("procedure", {"kind": "breast-surgery"}),
    "Procedure-radiotherapy-treatment-summary-chest-wall": ("procedure", {"kind": "radiotherapy"}),
}


@pytest.fixture(scope="module")
def mcode_examples():
    return read_mcode("package/example/")


@pytest.mark.parametrize("name", JENNY)
def test_the_breast_cancer_patient_of_mcode(mcode_examples, name):
    view, expected = JENNY[name]
    row = mapped(view, mcode_examples[f"{name}-jenny-m.json"])
    assert {column: row[column] for column in expected} == expected


def test_every_example_of_mcode_can_be_mapped(mcode_examples):
    views = {}
    for view in content.views:
        views.setdefault(view.resource, []).append(view)
    mapped_rows = 0
    for resource in mcode_examples.values():
        for rows in map_resource(resource, views.get(resource["resourceType"], ())).values():
            mapped_rows += len(rows)
    assert mapped_rows > 100
