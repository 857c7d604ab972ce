/** Whether a GraphQL schema is one that OPA accepts: its parser's rules, which are laxer than the specification's in places (no query type is needed). */
import { compareStrings, getKey, type RegoObject, type Value } from '../value.ts'
import { children, strings, text } from './graphql-document.ts'
import {
  type Definition,
  type Directives,
  definitionTree,
  invalid,
  mergedDirectives,
  mergedTypes,
  type Types,
} from './graphql-schema-merge.ts'
import { node } from './graphql-tokens.ts'
import { elem, isCompatible, isNonNull, isRequired, typeName } from './graphql-types.ts'

const inputKinds = new Set(['SCALAR', 'ENUM', 'INPUT_OBJECT'])
const outputKinds = new Set(['SCALAR', 'OBJECT', 'INTERFACE', 'UNION', 'ENUM'])

/** The tree with its extensions merged into definitions, those of `prelude` first. @throws BuiltinError */
export function checkSchema(tree: Value, prelude: Value): Value {
  const types = mergedTypes(prelude, tree)
  const directives = mergedDirectives(prelude, tree)
  const check = createCheck(types, directives)
  checkRoots(tree, types, check)
  for (const name of sorted(types.keys())) check.definition(types.get(name)!)
  checkCycles(types)
  for (const name of sorted(directives.keys())) check.directive(directives.get(name)!)
  return node({
    Schema: children(tree, 'Schema'),
    SchemaExtension: children(tree, 'SchemaExtension'),
    Directives: [...directives.values()],
    Definitions: [...types.values()].map(definitionTree),
  })
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...names].sort(compareStrings)
}

function checkRoots(tree: Value, types: Types, check: Check): void {
  const schemas = children(tree, 'Schema')
  if (schemas.length > 1) invalid('Cannot have multiple schema entry points, consider schema extensions instead.')
  for (const schema of [...schemas, ...children(tree, 'SchemaExtension')]) {
    for (const root of children(schema, 'OperationTypes')) {
      const type = text(root, 'Type')
      if (!types.has(type)) {
        invalid(`Schema root ${text(root, 'Operation')} refers to a type ${type} that does not exist.`)
      }
    }
    check.directives(children(schema, 'Directives'), 'SCHEMA')
  }
}

type Check = ReturnType<typeof createCheck>

function createCheck(types: Types, directives: Directives) {
  function definition(given: Definition): void {
    for (const field of given.fields) checkField(field, given.kind)
    for (const name of given.types) {
      if (kindOf(name) !== 'OBJECT') invalid(`${given.kind} type "${name}" must be OBJECT.`)
    }
    for (const name of given.interfaces) checkImplements(given, name)
    checkMembers(given)
    unique(
      given.fields.map((field) => text(field, 'Name')),
      (name) => `Field ${given.name}.${name}`,
    )
    unique(
      given.enumValues.map((value) => text(value, 'Name')),
      (name) => `Enum value ${given.name}.${name}`,
    )
    unique(given.types, (name) => `Type ${name} of the union ${given.name}`)
    if (!given.isBuiltin) checkName(given.name)
    checkDirectives(given.directives, given.kind, { repeatable: true })
  }

  function checkField(field: RegoObject, kind: string): void {
    checkName(text(field, 'Name'))
    if (!types.has(typeName(field))) invalid(`Undefined type ${typeName(field)}.`)
    checkArguments(children(field, 'Arguments'))
    checkDirectives(
      children(field, 'Directives'),
      kind === 'INPUT_OBJECT' ? 'INPUT_FIELD_DEFINITION' : 'FIELD_DEFINITION',
    )
  }

  function checkMembers({ kind, name, fields, enumValues }: Definition): void {
    const allowed = kind === 'INPUT_OBJECT' ? inputKinds : outputKinds
    if (kind === 'OBJECT' || kind === 'INTERFACE' || kind === 'INPUT_OBJECT') {
      if (fields.length === 0) invalid(`${kind} ${name}: must define one or more fields.`)
      if (fields.some((field) => !allowed.has(kindOf(typeName(field)) ?? ''))) {
        invalid(`${kind} ${name}: field must be one of ${[...allowed].join(', ')}.`)
      }
    }
    if (kind !== 'ENUM') return
    if (enumValues.length === 0) invalid(`${kind} ${name}: must define one or more unique enum values.`)
    for (const value of enumValues) {
      if (['true', 'false', 'null'].includes(text(value, 'Name'))) invalid(`${kind} ${name}: non-enum value.`)
      checkDirectives(children(value, 'Directives'), 'ENUM_VALUE')
    }
  }

  function kindOf(name: string): string | undefined {
    return types.get(name)?.kind
  }

  function checkArguments(args: readonly RegoObject[], inside?: string): void {
    for (const argument of args) {
      checkName(text(argument, 'Name'))
      const kind = kindOf(typeName(argument))
      if (kind === undefined) invalid(`Undefined type ${typeName(argument)}.`)
      if (!inputKinds.has(kind)) invalid(`cannot use ${typeName(argument)} as argument ${text(argument, 'Name')}`)
      checkDirectives(children(argument, 'Directives'), 'ARGUMENT_DEFINITION', inside === undefined ? {} : { inside })
    }
  }

  function checkDirectives(
    given: readonly RegoObject[],
    location: string,
    { repeatable = false, inside }: { readonly repeatable?: boolean; readonly inside?: string } = {},
  ): void {
    const seen = new Set<string>()
    for (const directive of given) {
      const name = text(directive, 'Name')
      checkName(name)
      if (name === inside) invalid(`Directive ${name} cannot refer to itself.`)
      const known = directives.get(name)
      if (known === undefined) invalid(`Undefined directive ${name}.`)
      if (!repeatable && seen.has(name) && getKey(known, 'IsRepeatable') !== true) {
        invalid(`The directive ${name} can only be used once at this location.`)
      }
      seen.add(name)
      if (!strings(known, 'Locations').includes(location)) {
        invalid(`Directive ${name} is not applicable on ${location}.`)
      }
      checkDirectiveArguments(directive, known)
    }
  }

  function checkDirectiveArguments(directive: RegoObject, known: RegoObject): void {
    const given = new Map(children(directive, 'Arguments').map((argument) => [text(argument, 'Name'), argument]))
    const defined = children(known, 'Arguments')
    for (const name of given.keys()) {
      if (!defined.some((argument) => text(argument, 'Name') === name)) {
        invalid(`Undefined argument ${name} for directive ${text(directive, 'Name')}.`)
      }
    }
    for (const argument of defined) {
      if (!isRequired(argument)) continue
      const value = given.get(text(argument, 'Name'))
      if (value === undefined || text(getKey(value, 'Value'), 'Raw') === 'null') {
        invalid(`Argument ${text(argument, 'Name')} for directive ${text(directive, 'Name')} cannot be null.`)
      }
    }
  }

  function checkImplements(given: Definition, name: string): void {
    const wanted = types.get(name)
    if (wanted === undefined) invalid(`Undefined type "${name}".`)
    if (wanted.kind !== 'INTERFACE') invalid(`"${name}" is a non interface type ${wanted.kind}.`)
    for (const required of wanted.fields) checkImplementedField(given, name, required)
    for (const transitive of wanted.interfaces) {
      if (!given.interfaces.includes(transitive)) {
        invalid(`Type ${given.name} must implement ${transitive} because it is implemented by ${name}.`)
      }
    }
  }

  function checkImplementedField(given: Definition, name: string, required: RegoObject): void {
    const about = `For ${given.name} to implement ${name} the field ${text(required, 'Name')}`
    const found = given.fields.find((field) => text(field, 'Name') === text(required, 'Name'))
    if (found === undefined) invalid(`${about} must be there.`)
    if (!isCovariant(getKey(required, 'Type'), getKey(found, 'Type'))) invalid(`${about} must have its type.`)
    const wanted = new Map(children(required, 'Arguments').map((argument) => [text(argument, 'Name'), argument]))
    const actual = new Map(children(found, 'Arguments').map((argument) => [text(argument, 'Name'), argument]))
    for (const [argument, definition] of wanted) {
      const other = actual.get(argument)
      if (other === undefined || !isCompatible(getKey(definition, 'Type'), getKey(other, 'Type'))) {
        invalid(`${about} must have the same arguments.`)
      }
    }
    for (const [argument, definition] of actual) {
      if (!wanted.has(argument) && isRequired(definition)) invalid(`${about} has an additional required argument.`)
    }
  }

  function isCovariant(required: Value | undefined, actual: Value | undefined): boolean {
    if (isNonNull(required) && !isNonNull(actual)) return false
    const name = text(required, 'NamedType')
    if (name === '') return elem(actual) !== undefined && isCovariant(elem(required), elem(actual))
    const other = text(actual, 'NamedType')
    return other === name || isPossibleType(name, other)
  }

  function isPossibleType(abstract: string, concrete: string): boolean {
    return (
      types.get(abstract)?.types.includes(concrete) === true ||
      types.get(concrete)?.interfaces.includes(abstract) === true
    )
  }

  function directive(given: RegoObject): void {
    checkName(text(given, 'Name'))
    checkArguments(children(given, 'Arguments'), text(given, 'Name'))
  }

  return { definition, directive, directives: checkDirectives }
}

/** Input objects that would have to contain themselves. */
function checkCycles(types: Types): void {
  const done = new Set<string>()
  const open = new Set<string>()

  function visit(name: string): void {
    const type = types.get(name)
    if (type?.kind !== 'INPUT_OBJECT' || done.has(name)) return
    if (open.has(name)) invalid(`Cannot reference Input Object "${name}" within itself.`)
    open.add(name)
    for (const field of type.fields) {
      const inner = getKey(field, 'Type')
      if (isNonNull(inner)) visit(text(inner, 'NamedType'))
    }
    open.delete(name)
    done.add(name)
  }

  for (const name of types.keys()) visit(name)
}

function checkName(name: string): void {
  if (name.startsWith('__')) {
    invalid(`Name "${name}" must not begin with "__", which is reserved by GraphQL introspection.`)
  }
}

function unique(names: readonly string[], shown: (name: string) => string): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) invalid(`${shown(repeated)} can only be defined once.`)
}
