// Decides by a bundle that `opa build -t wasm` made: no server, no network, all of OPA's built-ins.
//
//   node examples/policy-engine/decide.mjs bundles/access.tar.gz
import { loadBundle } from 'portcullis/policy'

const policy = loadBundle(process.argv[2] ?? 'bundles/access.tar.gz')
console.log('entrypoints:', policy.entrypoints.join(', '))

const request = { resource: 'file:/data/hr/employee_file0.avro' }
for (const active of [true, false]) {
  const user = { id: 'Alice', active, roles: ['HR'], attributes: {} }
  // any plain value is an input, and so is JSON as bytes; what is malformed is refused, and never taken for "no input"
  const { allow } = policy.evaluate({ user, context: { purpose: 'SALARY' }, request, now: Date.now() }, 'access/user')
  console.log(`active: ${active}, allow: ${allow}`)
}
