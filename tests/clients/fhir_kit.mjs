// fhir-kit-client, its answers read with fhirpath.js; argument: base URL, as in test_clients.py.
// https://github.com/Vermonster/fhir-kit-client, https://github.com/HL7/fhirpath.js
import assert from 'node:assert/strict';
import { Client } from 'fhir-kit-client';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';

const read = (resource, path) => fhirpath.evaluate(resource, path, null, r4);
const client = new Client({ baseUrl: process.argv[2] });

const statement = await client.capabilityStatement();
assert.deepEqual(read(statement, "rest.resource.where(type = 'Patient').interaction.where(code = 'patch').count()"), [1]);

const created = await client.create({
  resourceType: 'Patient',
  body: { resourceType: 'Patient', name: [{ family: 'Kit', given: ['Fhir'] }] },
});
const { id } = created;
const { response } = Client.httpFor(created);
assert.equal(response.status, 201);
assert.match(response.headers.get('location'), new RegExp(`/Patient/${id}/_history/1$`));
await client.update({ resourceType: 'Patient', id, body: { ...created, gender: 'female' } });
const patched = await client.patch({
  resourceType: 'Patient',
  id,
  jsonPatch: [{ op: 'add', path: '/name/0/given/1', value: 'Client' }],
});
assert.deepEqual(read(patched, 'name.given'), ['Fhir', 'Client']);
assert.deepEqual(read(await client.vread({ resourceType: 'Patient', id, version: '2' }), 'name.given'), ['Fhir']);
const again = await client.update({
  resourceType: 'Patient',
  searchParams: { _id: id },
  body: { resourceType: 'Patient', name: [{ family: 'Kit' }] },
});
assert.equal(again.id, id);
const history = await client.history({ resourceType: 'Patient', id });
assert.deepEqual(read(history, 'total | entry.request.method.distinct()'), [4, 'PUT', 'POST']);

const seen = [];
let page = await client.search({
  resourceType: 'Patient',
  searchParams: { family: 'Page', _count: 10, _sort: 'birthdate' },
});
while (page) {
  seen.push(...read(page, "entry.where(search.mode = 'match').resource.birthDate"));
  page = await client.nextPage({ bundle: page });
}
assert.equal(seen.length, 25);
assert.deepEqual(seen, [...seen].sort());
const posted = await client.resourceSearch({
  resourceType: 'Observation',
  searchParams: { code: 'http://loinc.org|8302-2', _include: 'Observation:subject', _count: 3 },
  options: { postSearch: true },
});
assert.deepEqual(read(posted, 'entry.resource.ofType(Patient).count()'), [3]);
const own = await client.compartmentSearch({
  resourceType: 'Observation',
  compartment: { resourceType: 'Patient', id: 'page-01' },
});
assert.deepEqual(read(own, 'entry.resource.subject.reference'), ['Patient/page-01']);
const everything = await client.operation({ name: 'everything', resourceType: 'Patient', id: 'page-01', method: 'GET' });
assert.deepEqual(read(everything, 'entry.resource.type().name').sort(), ['Observation', 'Patient']);

const batch = await client.batch({
  body: {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [
      { request: { method: 'GET', url: `Patient/${id}` } },
      { request: { method: 'GET', url: 'Patient/never' } },
    ],
  },
});
assert.deepEqual(read(batch, 'entry.response.status.select(substring(0, 3))'), ['200', '404']);
await client.delete({ resourceType: 'Patient', id });
await assert.rejects(client.read({ resourceType: 'Patient', id }), (problem) => {
  assert.equal(problem.response.status, 410);
  assert.equal(problem.response.data.resourceType, 'OperationOutcome');
  return true;
});
