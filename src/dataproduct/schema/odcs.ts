/** The Open Data Contract Standard (Bitol, Apache-2.0): versions 3.0, 3.1 and 3.2 as differences of one another. */
import {
  anything,
  closed,
  day,
  listOf,
  matching,
  moment,
  number,
  objects,
  oneOfWords,
  open,
  type Properties,
  ref,
  type Schema,
  scalar,
  text,
} from './json-schema.ts'
import { odcsQuality, odcsQualityChecks } from './odcs-quality.ts'
import { odcsSchemaPart } from './odcs-schema-part.ts'
import { odcsServer } from './odcs-servers.ts'

export type OdcsVersion = '3.0' | '3.1' | '3.2'

const dialect = 'https://json-schema.org/draft/2019-09/schema'

const until30 = ['v3.0.2', 'v3.0.1', 'v3.0.0', 'v2.2.2', 'v2.2.1', 'v2.2.0']
const apiVersions: Readonly<Record<OdcsVersion, readonly string[]>> = {
  '3.0': until30,
  '3.1': ['v3.1.0', ...until30],
  '3.2': ['v3.2.0', 'v3.1.0', ...until30],
}

export function odcsSchema(version: OdcsVersion): Schema {
  const with32 = version === '3.2'
  return {
    $schema: dialect,
    title: `Open Data Contract Standard ${version}`,
    ...closed(
      {
        apiVersion: oneOfWords(...apiVersions[version]),
        kind: oneOfWords('DataContract'),
        id: text,
        version: text,
        name: text,
        status: text,
        tenant: text,
        domain: text,
        dataProduct: text,
        tags: ref('Tags'),
        description: open({
          usage: text,
          purpose: text,
          limitations: text,
          authoritativeDefinitions: ref('AuthoritativeDefinitions'),
          customProperties: ref('CustomProperties'),
        }),
        servers: listOf(ref('Server')),
        schema: listOf(ref('SchemaObject')),
        support: listOf(ref('SupportItem')),
        price: ref('Pricing'),
        team: team(version),
        roles: listOf(ref('Role')),
        slaDefaultElement: text,
        slaProperties: listOf(ref('ServiceLevel')),
        authoritativeDefinitions: ref('AuthoritativeDefinitions'),
        customProperties: ref('CustomProperties'),
        contractCreatedTs: moment,
        ...(with32 ? { context: ref('Context') } : {}),
      },
      ['version', 'apiVersion', 'kind', 'id', ...(with32 ? [] : ['status'])],
    ),
    $defs: { ...shared(version), ...odcsSchemaPart(version) },
  }
}

/** A list of members in 3.0; from 3.1 on also a team with members. */
function team(version: OdcsVersion): Schema {
  if (version === '3.0') return listOf(ref('TeamMember'))
  const named: Properties = {
    id: ref('StableId'),
    name: text,
    description: text,
    members: listOf(ref('TeamMember')),
    tags: ref('Tags'),
    customProperties: ref('CustomProperties'),
    authoritativeDefinitions: ref('AuthoritativeDefinitions'),
  }
  return { ...closed(named), type: ['object', 'array'], items: ref('TeamMember') }
}

function shared(version: OdcsVersion): Readonly<Record<string, Schema>> {
  const with31 = version !== '3.0'
  const with32 = version === '3.2'
  const object = objects(with31)
  const id: Properties = with31 ? { id: ref('StableId') } : {}
  const described: Properties = with31 ? { description: text } : {}
  return {
    ...(with31 ? { StableId: matching(with32 ? '^[^\\s.#/\\\\@!%&^]+$' : '^[A-Za-z0-9_-]+$') } : {}),
    Tags: listOf(text),
    AuthoritativeDefinitions: listOf(object({ ...id, url: text, type: text, ...described }, ['url', 'type'])),
    CustomProperties: listOf(
      object(
        { ...id, property: text, value: anything, ...described, ...(with32 ? { vendor: text } : {}) },
        with31 ? ['property', 'value'] : [],
      ),
    ),
    Server: odcsServer(version),
    DataQuality: odcsQuality(version),
    DataQualityChecks: odcsQualityChecks,
    SupportItem: object(
      {
        ...id,
        channel: text,
        url: text,
        description: text,
        tool: text,
        scope: text,
        invitationUrl: text,
        ...(with31 ? { customProperties: ref('CustomProperties') } : {}),
      },
      with31 ? ['channel'] : ['channel', 'url'],
    ),
    Pricing: object({ ...id, priceAmount: number, priceCurrency: text, priceUnit: text }),
    TeamMember: object(
      {
        ...id,
        username: text,
        name: text,
        description: text,
        role: text,
        dateIn: day,
        dateOut: day,
        replacedByUsername: text,
        ...(with31
          ? {
              tags: ref('Tags'),
              customProperties: ref('CustomProperties'),
              authoritativeDefinitions: ref('AuthoritativeDefinitions'),
            }
          : {}),
      },
      with31 ? ['username'] : [],
    ),
    Role: object(
      {
        ...id,
        role: text,
        description: text,
        access: text,
        firstLevelApprovers: text,
        secondLevelApprovers: text,
        customProperties: ref('CustomProperties'),
      },
      ['role'],
    ),
    ServiceLevel: object(
      {
        ...id,
        property: text,
        value: scalar,
        valueExt: scalar,
        unit: text,
        element: text,
        driver: text,
        ...(with31 ? { description: text, scheduler: text, schedule: text } : {}),
        ...(with32
          ? { customProperties: ref('CustomProperties'), authoritativeDefinitions: ref('AuthoritativeDefinitions') }
          : {}),
      },
      ['property', 'value'],
    ),
    ...(with32 ? odcsContext() : {}),
  }
}

function odcsContext(): Readonly<Record<string, Schema>> {
  const about: Properties = {
    id: text,
    authoritativeDefinitions: ref('AuthoritativeDefinitions'),
    tags: ref('Tags'),
    customProperties: ref('CustomProperties'),
  }
  return {
    Context: {
      ...closed({
        instructions: text,
        verifiedStatements: listOf(closed({ ...about, question: text, answer: text }, ['question'])),
        constraints: listOf(closed({ ...about, constraint: text }, ['constraint'])),
      }),
      type: ['string', 'object'],
    },
    Synonyms: listOf(
      closed(
        {
          id: ref('StableId'),
          synonym: text,
          description: text,
          locale: text,
          source: text,
          status: text,
          customProperties: ref('CustomProperties'),
        },
        ['synonym'],
      ),
    ),
  }
}
