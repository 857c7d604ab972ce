/** Our own profile of a data product: ports, policies with expressions, and the control port with the policy server's address. */
import {
  anything,
  closed,
  day,
  listOf,
  matching,
  oneOfWords,
  open,
  type Properties,
  ref,
  type Schema,
  scalar,
  text,
  uri,
} from './json-schema.ts'

export const profileVersions = ['v1.0.0'] as const

const described: Properties = { id: text, name: text, description: text }
const loose: Properties = { tags: listOf(text), customProperties: listOf(ref('CustomProperty')) }

export function profileSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2019-09/schema',
    title: 'Data product',
    ...closed({ apiVersion: oneOfWords(...profileVersions), dataProduct: ref('DataProduct') }, ['dataProduct']),
    $defs: {
      CustomProperty: closed({ property: text, value: anything, description: text }, ['property', 'value']),
      DataProduct: closed(
        {
          ...described,
          ...loose,
          domain: text,
          version: text,
          status: text,
          tier: { type: 'integer', minimum: 1 },
          classification: text,
          policyRevision: text,
          description: { type: ['string', 'object'] },
          team: open({ name: text, members: listOf(ref('TeamMember')) }),
          support: listOf(open({ channel: text, url: uri, tool: text }, ['channel'])),
          servers: listOf(open({ server: text, type: text })),
          slaProperties: listOf(open({ property: text, value: scalar, unit: text }, ['property', 'value'])),
          inputPorts: listOf(ref('InputPort')),
          outputPorts: listOf(ref('OutputPort')),
          policies: listOf(ref('Policy')),
          controlPort: ref('ControlPort'),
        },
        ['name'],
      ),
      TeamMember: open({ username: text, name: text, role: text, dateIn: day, dateOut: day }, ['username']),
      InputPort: closed(
        { ...described, ...loose, type: text, version: text, contractId: text, classification: text, source: text },
        ['name'],
      ),
      OutputPort: closed(
        {
          ...described,
          ...loose,
          type: text,
          version: text,
          contractId: text,
          classification: text,
          resources: listOf(text),
          inputContracts: listOf(open({ id: text, version: text }, ['id'])),
          accessPolicy: ref('AccessPolicy'),
        },
        ['name'],
      ),
      AccessPolicy: {
        ...open({
          package: matching('^[A-Za-z_][A-Za-z0-9_]*(?:\\.[A-Za-z_][A-Za-z0-9_]*)*$'),
          default: oneOfWords('deny', 'allow'),
        }),
        type: ['string', 'object'],
      },
      Policy: open({ name: text, description: text, expression: text, enforcement: text }, ['name']),
      ControlPort: open({ opaServerUrl: text, url: text, bundle: text, bundleVersion: text }),
    },
  }
}
