"""The code systems in which the made-up hospitals speak (https://hl7.org/fhir/R4/terminologies-systems.html)."""

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM = "http://unitsofmeasure.org"
MEDDRA = "https://www.meddra.org"
HL7 = "http://terminology.hl7.org/CodeSystem/"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-"
VISIT = "https://registry.example/CodeSystem/visit"

# drug: (RxNorm ingredient, SNOMED CT substance, ATC now, ATC of the day, name). None: that system has no code.
DRUGS = {
    "eribulin": ("1045453", "448800004", "L01XX41", "L01XX41", "Eribulin mesylate"),
    "fulvestrant": ("282357", "385519002", "L02BA03", "L02BA03", "Fulvestrant"),
    "paclitaxel": ("56946", "387374002", "L01CD01", "L01CD01", "Paclitaxel"),
    "docetaxel": ("72962", "386918005", "L01CD02", "L01CD02", "Docetaxel"),
    "trastuzumab": ("224905", "387003001", "L01FD01", "L01XC03", "Trastuzumab"),
    "pertuzumab": ("1298944", "704226002", "L01FD02", "L01XC13", "Pertuzumab"),
    "trastuzumab-deruxtecan": ("2267575", None, "L01FD04", "L01XC41", "Trastuzumab deruxtecan"),
    "tamoxifen": ("10324", "373345002", "L02BA01", "L02BA01", "Tamoxifen"),
    "letrozole": ("72965", "386911004", "L02BG04", "L02BG04", "Letrozole"),
    "anastrozole": ("84857", "386910003", "L02BG03", "L02BG03", "Anastrozole"),
    "exemestane": ("258494", "387017005", "L02BG06", "L02BG06", "Exemestane"),
    "megestrol": ("6703", "126092000", "L02AB01", "L02AB01", "Megestrol"),
    "goserelin": ("50610", "108771008", "L02AE03", "L02AE03", "Goserelin"),
    "capecitabine": ("194000", "386906001", "L01BC06", "L01BC06", "Capecitabine"),
    "gemcitabine": ("12574", "386920008", "L01BC05", "L01BC05", "Gemcitabine"),
    "vinorelbine": ("39541", "372541004", "L01CA04", "L01CA04", "Vinorelbine"),
    "doxorubicin": ("3639", "372817009", "L01DB01", "L01DB01", "Doxorubicin"),
    "epirubicin": ("3995", "417916005", "L01DB03", "L01DB03", "Epirubicin"),
    "cyclophosphamide": ("3002", "387420009", "L01AA01", "L01AA01", "Cyclophosphamide"),
    "fluorouracil": ("4492", "387172005", "L01BC02", "L01BC02", "Fluorouracil"),
    "palbociclib": ("1601374", "715958001", "L01EF01", "L01XE33", "Palbociclib"),
    "everolimus": ("141704", "428698007", "L01EG02", "L01XE10", "Everolimus"),
    "bevacizumab": ("253337", "409406007", "L01FG01", "L01XC07", "Bevacizumab"),
    "pembrolizumab": ("1547545", "716125002", "L01FF02", "L01FF02", "Pembrolizumab"),
    "zoledronic-acid": ("77655", "395926009", "M05BA08", "M05BA08", "Zoledronic acid"),
    "denosumab": ("993449", "446321003", "M05BX04", "M05BX04", "Denosumab"),
}

# Drugs of a Chinese hospital: (local product code, text as in its prescribing system).
CHINESE_DRUGS = {
    "paclitaxel-liposome": ("YP-20031", "注射用紫杉醇脂质体(力扑素)"),
    "inetetamab": ("YP-20207", "注射用伊尼妥单抗"),
    "pyrotinib": ("YP-20182", "马来酸吡咯替尼片"),
    "trastuzumab": ("YP-20024", "注射用曲妥珠单抗 (trastuzumab)"),
    "pertuzumab": ("YP-20186", "帕妥珠单抗注射液 (pertuzumab)"),
    "capecitabine": ("YP-20011", "卡培他滨片 (capecitabine)"),
    "trastuzumab-deruxtecan": ("YP-20233", "注射用德曲妥珠单抗 (trastuzumab deruxtecan)"),
    "letrozole": ("YP-20055", "来曲唑片 (letrozole)"),
}

CHEMOTHERAPY = frozenset(
    {
        "capecitabine",
        "cyclophosphamide",
        "docetaxel",
        "doxorubicin",
        "epirubicin",
        "eribulin",
        "fluorouracil",
        "gemcitabine",
        "paclitaxel",
        "paclitaxel-liposome",
        "vinorelbine",
    }
)
HORMONAL = frozenset({"anastrozole", "exemestane", "fulvestrant", "goserelin", "letrozole", "megestrol", "tamoxifen"})
IMMUNO = frozenset({"pembrolizumab"})
SUPPORTIVE = frozenset({"denosumab", "zoledronic-acid"})


def drug_class(drug):
    """chemo, hormonal, immuno or targeted; None for supportive drugs."""
    if drug in SUPPORTIVE:
        return None
    named = ((CHEMOTHERAPY, "chemo"), (HORMONAL, "hormonal"), (IMMUNO, "immuno"))
    return next((label for drugs, label in named if drug in drugs), "targeted")


# Overall response: value -> coding in each style a hospital may use.
RESPONSES = {
    "loinc": {
        "CR": (LOINC, "LA28366-5", "Complete response"),
        "PR": (LOINC, "LA28369-9", "Partial response"),
        "SD": (LOINC, "LA28371-5", "Stable disease"),
        "PD": (LOINC, "LA28370-7", "Progressive disease"),
        "NE": (LOINC, "LA9348-9", "Not assessed"),
    },
    "snomed": {
        "CR": (SNOMED, "550991000124107", "Malignant neoplasm in full remission"),
        "PR": (SNOMED, "551001000124108", "Malignant neoplasm in partial remission"),
        "SD": (SNOMED, "359746009", "Patient's condition stable"),
        "PD": (SNOMED, "271299001", "Patient's condition worsened"),
        "NE": (SNOMED, "709137006", "Patient condition undetermined"),
    },
}
RESPONSE_CODES = {
    "97509-4": (LOINC, "97509-4", "Cancer disease progression"),
    "88040-1": (LOINC, "88040-1", "Response to cancer treatment"),
    "21976-6": (LOINC, "21976-6", "Cancer outcome status"),
}

HER2_INTERPRETATION = (LOINC, "48676-1", "HER2 [Interpretation] in Tissue")
HER2_BY_IHC = (LOINC, "85319-2", "HER2 [Presence] in Breast cancer specimen by Immune stain")
HER2_BY_FISH = (LOINC, "85318-4", "ERBB2 gene duplication in Breast cancer specimen by FISH")
OESTROGEN_RECEPTOR = (LOINC, "85337-4", "Estrogen receptor in Breast cancer specimen by Immune stain")
PROGESTERONE_RECEPTOR = (LOINC, "85339-0", "Progesterone receptor in Breast cancer specimen by Immune stain")
ECOG = (LOINC, "89247-1", "ECOG performance status score")
STAGE_GROUP = (LOINC, "21908-9", "Stage group.clinical Cancer")
M_CATEGORY = (SNOMED, "399387003", "cM category")
MENOPAUSE = (SNOMED, "161712005", "Menopausal status")
DEATH = (SNOMED, "184305005", "Cause of death")
ANSWERS = {
    "loinc": {"positive": (LOINC, "LA6576-8", "Positive"), "negative": (LOINC, "LA6577-6", "Negative")},
    "snomed": {"positive": (SNOMED, "10828004", "Positive"), "negative": (SNOMED, "260385009", "Negative")},
}
EQUIVOCAL = (SNOMED, "280414007", "Equivocal")
STAGE_IV = (SNOMED, "2640006", "Clinical stage IV")
M1 = (SNOMED, "1229903009", "American Joint Committee on Cancer cM1")
AFTER_MENOPAUSE = (SNOMED, "307429007", "After menopause")

BREAST_CANCER = {
    "icd": (ICD10, "C50.9", "Malignant neoplasm of breast, unspecified"),
    "snomed": (SNOMED, "254837009", "Malignant neoplasm of breast"),
}
METASTASES = {
    "icd": [
        (ICD10, "C79.5", "Secondary malignant neoplasm of bone"),
        (ICD10, "C78.7", "Secondary malignant neoplasm of liver"),
        (ICD10, "C78.0", "Secondary malignant neoplasm of lung"),
    ],
    "snomed": [
        (SNOMED, "94222008", "Secondary malignant neoplasm of bone"),
        (SNOMED, "94225005", "Secondary malignant neoplasm of brain"),
        (SNOMED, "128462008", "Metastatic malignant neoplasm"),
    ],
}
AXILLARY_NODES = (ICD10, "C77.3", "Secondary malignant neoplasm: axillary lymph nodes")
BREAST_SURGERY = (SNOMED, "64368001", "Excision of part of breast")

INTENTS = {
    "neoadjuvant": (SNOMED, "373847000", "Neo-adjuvant"),
    "adjuvant": (SNOMED, "373846009", "Adjuvant"),
    "advanced": (SNOMED, "363676003", "Palliative"),
}
# AdverseEvent has no status in R4: what was told in error is tagged.
ENTERED_IN_ERROR = ("https://registry.example/CodeSystem/record-status", "entered-in-error", "Entered in error")
STOP_REASONS = {
    "progression": (SNOMED, "419835002", "Tumor progression"),
    "adverse-event": (SNOMED, "407563006", "Treatment not tolerated"),
    "patient-decision": (SNOMED, "105480006", "Refusal of treatment by patient"),
    "lost": (SNOMED, "399307001", "Lost to follow-up"),
    "completed": (SNOMED, "182992009", "Treatment completed"),
}
EVIDENCE = {
    "imaging": (SNOMED, "363679005", "Imaging"),
    "physical-exam": (SNOMED, "5880005", "Physical examination"),
}

# Adverse event: (MedDRA lowest level term, name) as in CTCAE v5.
ADVERSE_EVENTS = {
    "halaven": [
        ("10029366", "Neutrophil count decreased"),
        ("10016256", "Fatigue"),
        ("10034620", "Peripheral sensory neuropathy"),
        ("10001760", "Alopecia"),
        ("10028813", "Nausea"),
        ("10002272", "Anemia"),
    ],
    "faslodex": [
        ("10022095", "Injection site reaction"),
        ("10020407", "Hot flashes"),
        ("10003239", "Arthralgia"),
        ("10028813", "Nausea"),
    ],
    "lipusu-her2": [
        ("10029366", "Neutrophil count decreased"),
        ("10051792", "Infusion related reaction"),
        ("10034620", "Peripheral sensory neuropathy"),
        ("10050528", "Ejection fraction decreased"),
    ],
}
# Term -> organ class of MedDRA as CTCAE v5 lists it.
ORGAN_CLASSES = {
    "Neutrophil count decreased": "Investigations",
    "Fatigue": "General disorders and administration site conditions",
    "Peripheral sensory neuropathy": "Nervous system disorders",
    "Alopecia": "Skin and subcutaneous tissue disorders",
    "Nausea": "Gastrointestinal disorders",
    "Anemia": "Blood and lymphatic system disorders",
}
# Term -> what several terms that mean one toxicity are called together.
TOXICITIES = {
    "Neutrophil count decreased": "Neutropenia grouped",
    "Peripheral sensory neuropathy": "Peripheral neuropathy grouped",
}


def coding(triple):
    """(system, code, display) -> Coding."""
    system, code, display = triple
    return {"system": system, "code": code, "display": display}


def concept(*triples, text=None):
    """Codings and text -> CodeableConcept."""
    made = {"coding": [coding(t) for t in triples]} if triples else {}
    return {**made, "text": text} if text else made
