/** For half a minute: made-up policies decided in every way the engine has, and poison thrown at an instance that has to go on deciding. Exits 1 where anything is wrong. */
import fc from 'fast-check'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { decideWhole, sameDecision } from '../../src/policy/opa-wasm/checked-policy.ts'
import { loadAccessEngine } from '../../src/policy/opa-wasm/engine.ts'
import { leaf, maskRules, openSchema, user } from '../policy/support/access.ts'
import { generatedBundle, generatedLeaves, generatedRecord, generateRules } from '../policy/support/generated-rules.ts'
import { nestedArray, poisonInstance } from '../policy/support/poison.ts'

const durationMs = Number(process.env.FUZZ_MS ?? 30_000)
const endsAt = performance.now() + durationMs
const firstSeed = Date.now() % 2 ** 31

let decisions = 0
let failures = 0
let evaluations = 0

const people = [{ ...user('ann', { level: 2 }), roles: ['HR'] }, user('ben', { level: 'high' }), user('cem')]

/** One bundle of made-up rules: each leaf, each person, with all layers and by the plain path. */
function comparePaths(seed: number): void {
  const bundle = generatedBundle(generateRules(seed))
  const engines = [{ fast: false }, {}].map((options) => loadAccessEngine({ bundle, masks: maskRules, ...options }))
  const records = fc.sample(generatedRecord, { seed, numRuns: 60 }).map((record) => Buffer.from(JSON.stringify(record)))
  for (let index = 0; index < generatedLeaves && performance.now() < endsAt; index++)
    for (const person of people) {
      const query = {
        user: person,
        context: { purpose: index % 2 === 0 ? 'P' : 'Q' },
        leaf: { ...leaf, id: parseResourceId(`file:/gen/${index}`) },
        now: 1_000,
      }
      const [plain, fast] = engines.map((engine) => decideWhole(engine.prepare(query, openSchema)))
      for (const record of records) {
        decisions++
        if (sameDecision(plain!(record), fast!(record))) continue
        failures++
        console.error(`seed ${seed}, leaf ${index}, user ${person.id}: ${record.toString()}: decided differently`)
      }
    }
}

const instance = poisonInstance({ limits: { timeMsMax: 50, memoryPagesMax: 64 } })
const garbage = fc.oneof(
  fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(fc.json(), fc.nat(200)).map(([text, length]) => Buffer.from(text).subarray(0, length)),
  fc.nat(8_000).map((levels) => Buffer.from(nestedArray(levels))),
  fc.constant(Buffer.from('{"a": 1, "b": 1, "key": "x", "n": 3000, "text": "zz"}')),
)

/** Raw bytes, unchecked, as no caller should hand them over: the instance refuses or answers, and stays sound. */
function poison(seed: number): void {
  for (const bytes of fc.sample(garbage, { seed, numRuns: 60 })) {
    for (const entrypoint of instance.entrypoints) {
      evaluations++
      try {
        instance.evaluate(entrypoint, bytes)
      } catch (error) {
        if (/^(policy|builtin)\./.test((error as { code?: string }).code ?? '')) continue
        failures++
        console.error(`seed ${seed}: ${entrypoint}: not an error of ours`)
      }
    }
    if (instance.evaluate('p/allow', '{"blocked": true}') === '{{"result": false}}') continue
    failures++
    console.error(`seed ${seed}: a decision went wrong after poison`)
  }
}

const bytesAtStart = instance.memoryBytes
for (let seed = firstSeed; performance.now() < endsAt; seed++) {
  poison(seed)
  comparePaths(seed)
}
if (instance.memoryBytes > 64 * 65_536) {
  failures++
  console.error('the instance outgrew its limit')
}
console.log(
  `seeds from ${firstSeed}: ${decisions} decisions compared, ${evaluations} poisoned evaluations, ${instance.replaced} instances replaced, memory ${bytesAtStart} → ${instance.memoryBytes} bytes, ${failures} failures`,
)
process.exitCode = failures === 0 ? 0 : 1
