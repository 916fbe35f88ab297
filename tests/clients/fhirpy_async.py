"""Each call of fhirpy, async; argument: base URL of a server with the patients of test_clients.py.

https://github.com/beda-software/fhir-py
"""

import asyncio
import sys

from fhirpy import AsyncFHIRClient
from fhirpy.base.exceptions import ResourceNotFound

SYSTEM = "http://a.example/fhirpy-async"


async def main(base):
    client = AsyncFHIRClient(base)

    # At once: each makes its own, or finds it.
    same = client.resources("Patient").search(identifier=f"{SYSTEM}|1")
    patient = client.resource("Patient", identifier=[{"system": SYSTEM, "value": "1"}])
    made = await asyncio.gather(*(same.get_or_create(patient) for _ in range(8)))
    assert len({each.id for each, _ in made}) == 1
    assert [created for _, created in made].count(True) == 1
    patient = made[0][0]

    patient["gender"] = "male"
    await patient.save()
    await patient.patch(active=True)
    assert (await patient.refresh())["active"] is True and patient["gender"] == "male"
    await patient.save(fields=["gender"])  # nothing new: no version
    assert patient["meta"]["versionId"] == "3"
    assert (await client.reference("Patient", patient.id).to_resource()).id == patient.id

    pages = client.resources("Patient").search(family="Page").limit(7)
    assert await pages.count() == 25
    assert len({each.id async for each in pages}) == 25

    changed, created = await same.update(client.resource("Patient", identifier=[{"system": SYSTEM, "value": "1"}]))
    assert (changed.id, created) == (patient.id, False)
    assert (await same.patch(gender="other"))["gender"] == "other"
    await patient.delete()
    try:
        await patient.refresh()
    except ResourceNotFound:
        return
    raise AssertionError("a deleted patient was read")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
