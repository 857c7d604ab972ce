/** The Open Data Product Standard (Bitol, Apache-2.0): versions 1.0 and 1.1 as differences of one another. */
import {
  anything,
  closed,
  day,
  flag,
  listOf,
  moment,
  oneOfWords,
  type Properties,
  ref,
  type Schema,
  text,
  uri,
} from './json-schema.ts'

export type OdpsVersion = '1.0' | '1.1'

export function odpsSchema(version: OdpsVersion): Schema {
  const with11 = version === '1.1'
  return {
    $schema: 'https://json-schema.org/draft/2019-09/schema',
    title: `Open Data Product Standard ${version}`,
    ...closed(
      {
        apiVersion: oneOfWords(...(with11 ? ['v1.1.0'] : []), 'v1.0.0', 'v0.9.0'),
        kind: oneOfWords('DataProduct'),
        id: text,
        name: text,
        version: text,
        status: text,
        domain: text,
        tenant: text,
        description: closed({ purpose: text, limitations: text, usage: text, ...definitions, ...custom }),
        ...about,
        inputPorts: listOf(ref('InputPort')),
        outputPorts: listOf(ref('OutputPort')),
        managementPorts: listOf(ref('ManagementPort')),
        support: listOf(ref('Support')),
        team: ref('Team'),
        productCreatedTs: moment,
        ...(with11 ? { deprecated: flag, synonyms: ref('Synonyms'), type: text, context: ref('Context') } : {}),
      },
      ['apiVersion', 'kind', 'id', ...(with11 ? [] : ['status'])],
    ),
    $defs: parts(with11),
  }
}

const custom: Properties = { customProperties: listOf(ref('CustomProperty')) }
const definitions: Properties = { authoritativeDefinitions: listOf(ref('AuthoritativeDefinition')) }
const about: Properties = { tags: ref('Tags'), ...custom, ...definitions }

function parts(with11: boolean): Readonly<Record<string, Schema>> {
  const id: Properties = with11 ? { id: text } : {}
  const port: Properties = { ...id, ...(with11 ? { deprecated: flag } : {}), name: text, ...about }
  const numbered = with11 ? ['name'] : ['name', 'version']
  return {
    Tags: listOf(text),
    CustomProperty: closed(
      { ...id, property: text, value: anything, description: text, ...(with11 ? { vendor: text } : {}) },
      ['property', 'value'],
    ),
    AuthoritativeDefinition: closed({ ...id, type: text, url: uri, description: text }, ['type', 'url']),
    InputPort: closed({ ...port, version: text, contractId: text }, with11 ? numbered : [...numbered, 'contractId']),
    OutputPort: closed(
      {
        ...port,
        description: text,
        type: text,
        version: text,
        contractId: text,
        sbom: listOf(closed({ ...id, type: text, url: uri, ...(with11 ? about : {}) }, with11 ? [] : ['url'])),
        inputContracts: listOf(closed({ id: text, version: text }, ['id', 'version'])),
        ...(with11 ? { synonyms: ref('Synonyms'), context: ref('Context') } : {}),
      },
      numbered,
    ),
    ManagementPort: closed({ ...port, content: text, type: text, url: uri, channel: text, description: text }, [
      'name',
      'content',
    ]),
    Support: closed(
      { ...id, channel: text, url: uri, description: text, tool: text, scope: text, invitationUrl: uri, ...about },
      ['channel', 'url'],
    ),
    Team: closed({ name: text, description: text, members: listOf(ref('TeamMember')), ...about }),
    TeamMember: closed(
      {
        ...id,
        username: text,
        name: text,
        description: text,
        role: text,
        dateIn: day,
        dateOut: day,
        replacedByUsername: text,
        ...about,
      },
      ['username'],
    ),
    ...(with11 ? since11 : {}),
  }
}

const since11: Readonly<Record<string, Schema>> = {
  Synonyms: listOf(
    closed({ id: text, synonym: text, description: text, locale: text, source: text, status: text, ...custom }, [
      'synonym',
    ]),
  ),
  Context: closed({
    instructions: text,
    verifiedStatements: listOf(closed({ id: text, question: text, answer: text, ...about }, ['question'])),
    constraints: listOf(closed({ id: text, constraint: text, ...about }, ['constraint'])),
  }),
}
