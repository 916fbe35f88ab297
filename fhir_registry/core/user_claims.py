"""The user and the purpose of use that a token tells of (https://profiles.ihe.net/ITI/IUA/)."""

import re

ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"  # what the codes of ValueSet v3-PurposeOfUse are of
LONGEST = 255  # characters of a user (https://openid.net/specs/openid-connect-core-1_0.html#IDToken)
MOST = 5  # purposes
# What names a patient stays out: payloads of the audit log are never erased.
_PATIENT = re.compile(r"(^|/)(Patient|RelatedPerson|Person)/")
_CODE, _SYSTEM = re.compile(r"[A-Za-z0-9._:-]{1,64}"), re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:[!-{}~]{1,250}")


def read_user(claims, names, client):
    """Who sits before a client, "" when the claims of these names tell of nobody else, or of a patient."""
    for name in names:
        value = claims.get(name)
        if isinstance(value, str) and value.isprintable() and value not in ("", client) and not _PATIENT.search(value):
            return value[:LONGEST]
    return ""


def read_purposes(claims):
    """The purposes of use, each a code of ACT_REASON or `system|code`; what is no code is none.

    They stand in the claim purpose_of_use, or where IHE IUA puts it; one or several, texts or Codings.
    """
    told = claims.get("purpose_of_use") or _of_iua(claims)
    found = (_read_purpose(each) for each in (told if isinstance(told, list) else [told]))
    return tuple(dict.fromkeys(filter(None, found)))[:MOST]


def _of_iua(claims):
    for name in ("extensions", "ihe_iua", "purpose_of_use"):
        claims = claims.get(name) if isinstance(claims, dict) else None
    return claims


def _read_purpose(told):
    if isinstance(told, str):
        system, _, code = told.rpartition("|")
    elif isinstance(told, dict):
        system, code = told.get("system") or "", told.get("code")
    else:
        return None
    if not isinstance(system, str) or not isinstance(code, str) or not _CODE.fullmatch(code):
        return None
    if system in ("", ACT_REASON):
        return code
    return f"{system}|{code}" if _SYSTEM.fullmatch(system) else None
