/** What access rules may call: nothing with a clock, randomness, a network or a trace, so that a decision depends on its input alone. */
import { PortcullisError } from '../domain/errors.ts'
import type { Opa } from './opa.ts'

/** Withheld by name, whatever OPA says of them; so is all that OPA calls nondeterministic. */
export const withheldBuiltins: readonly string[] = [
  'crypto.x509.parse_and_verify_certificates',
  'crypto.x509.parse_and_verify_certificates_with_options',
  'http.send',
  'net.lookup_ip_addr',
  'opa.runtime',
  'rand.intn',
  'time.now_ns',
  'trace',
  'uuid.rfc4122',
]

type Capabilities = {
  readonly builtins: readonly { readonly name: string; readonly nondeterministic?: boolean }[]
}

/** A capabilities file for `opa check` and `opa build`. @throws tool.failed */
export function accessCapabilities(opa: Opa): Promise<string> {
  return capabilitiesWith(opa, [])
}

/** Rules on configurations know the day: severities begin on one, and people and licences come and go. */
export function dataproductCapabilities(opa: Opa): Promise<string> {
  return capabilitiesWith(opa, ['time.now_ns'])
}

async function capabilitiesWith(opa: Opa, granted: readonly string[]): Promise<string> {
  const { ok, stdout } = await opa.run(['capabilities', '--current'])
  if (!ok) throw new PortcullisError('tool.failed', { message: `${opa.path}: it does not say what it is capable of.` })
  const known = JSON.parse(stdout) as Capabilities
  const builtins = known.builtins.filter(
    ({ name, nondeterministic }) =>
      granted.includes(name) || (nondeterministic !== true && !withheldBuiltins.includes(name)),
  )
  return JSON.stringify({ ...known, builtins, allow_net: [] })
}
