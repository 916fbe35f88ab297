"""Whether the chains of the audit log end where their heads say; audit verify proves the rest (docs/audit.md)."""

from sqlalchemy import and_, func, select

from ..core.audit import FIRST
from .check import Finding

VERIFY = "fhir-registry audit verify tells what is lost; take that from a backup"


def check_audit(store, connection):
    """Yield Findings about chains that do not end where their head says, or have none."""
    event, head, _ = store.tables.audit
    e, h = event.c, head.c
    heads = {tuple(row[:2]): tuple(row[2:]) for row in connection.execute(select(h.site, h.chain, h.seq, h.hash))}
    last = select(e.site, e.chain, func.max(e.seq).label("seq")).group_by(e.site, e.chain).subquery()
    same = and_(e.site == last.c.site, e.chain == last.c.chain, e.seq == last.c.seq)
    ends = {
        tuple(row[:2]): tuple(row[2:])
        for row in connection.execute(select(e.site, e.chain, e.seq, e.hash).join(last, same))
    }
    for place in sorted(heads.keys() | ends.keys()):
        name = f"site {place[0]} chain {place[1]}"
        if place not in heads:
            yield Finding("audit_head", name, "it is not there, though there are events", VERIFY)
        elif heads[place] != ends.get(place, (0, FIRST)):
            yield Finding("audit_head", name, "the chain does not end where it says", VERIFY)
