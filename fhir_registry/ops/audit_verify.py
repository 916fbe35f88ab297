"""Prove that the audit log is what was written (docs/audit.md, https://datatracker.ietf.org/doc/html/rfc9162)."""

from ..core.audit import WRITES
from ..store.audit_verify import Broken, Mark, chains, erasures, walk
from ..store.site import given_numbers
from ..store.wall import EVERYWHERE


def verify(store, checkpoints=None, progress=None):
    """Yield a store.audit_verify.Walked for each chain of each site, all as of one moment.

    checkpoints: {(site, chain): [Checkpoint]} whose signatures were verified; without them it is not known whether the
    end of a chain was cut, or a chain made anew. progress: function of (events read, all).
    """
    audit, known = store.tables.audit, checkpoints or {}
    with store.read(EVERYWHERE, limited=False) as connection:
        heads = {(head.site, head.chain): head.seq for head in store.audit.heads(connection)}
        done, total = 0, sum(heads.values())

        def count(events):
            nonlocal done
            done += events
            if progress:
                progress(done, max(done, total))

        sites, places = given_numbers(store, connection), sorted({*chains(audit, connection), *known})
        walked, said = [], {site: erasures(audit, connection, site) for site, _ in places}
        for site, number in places:
            marks = [Mark(each.seq, each.hash, each.time) for each in known.get((site, number), ())]
            walked.append(walk(audit, connection, site, number, said[site], marks, count))
    doubtful = {found.site for found in walked if found.chain == WRITES and found.broken}
    for found in walked:
        told = _with_lost_parts(found, None if found.site in doubtful else said[found.site])
        yield told if found.site in sites else _of_no_site(told)


def _of_no_site(walked):
    """What is of a site that never was, be it as whole as a chain can be: an event, or the head of none, breaks it."""
    broken = walked.broken or Broken(walked.site, walked.chain, 1, "there is no such site, and none was removed")
    return walked._replace(broken=broken)


def _with_lost_parts(walked, said):
    """Parts that are not there, and that no event says were erased, break a chain too.

    said: digests of what was erased, None when the events that say so cannot all be trusted.
    """
    lost = [] if said is None else [seq for digest, seq in walked.erased.items() if digest not in said]
    if not lost or (walked.broken and walked.broken.seq <= min(lost)):
        return walked
    problem = "a part of it is not there, and no event tells of its erasure"
    return walked._replace(broken=Broken(walked.site, walked.chain, min(lost), problem))
