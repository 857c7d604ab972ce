/** What no schema can say of a configuration: parts that do not fit together, and what would be unsafe. */
import { BlockList, isIP } from 'node:net'
import type { PortcullisError } from '../domain/errors.ts'
import { parseResourceId } from '../domain/resource-id.ts'
import { registrationOptions } from '../http/registration.ts'
import type { ConfigFile } from './config-schema.ts'
import { sourceProblems } from './source-schema.ts'
import { busProblems, tokensProblems } from './transport-schema.ts'

const keyBytesMin = 32
const portMax = 65_535

/** Each check looks only at the places it names. */
type Check = readonly [places: readonly string[], find: () => readonly string[]]

export type ConfigScope = {
  /** Whether all services run in this process. */
  readonly isWhole: boolean
  /** JSON pointers of what is not as the schema says: no check looks there. */
  readonly broken: readonly string[]
}

/** All of them; nothing of the configuration is believed but what lies outside of `broken`. */
export function configProblems(config: ConfigFile, { isWhole, broken }: ConfigScope): string[] {
  if (typeof config !== 'object' || config === null) return []
  const isSound = (place: string) =>
    !broken.some((other) => other === place || other.startsWith(`${place}/`) || place.startsWith(`${other}/`))
  return [...checksOf(config, isWhole), ...rootChecks(config, isSound)].flatMap(([places, find]) =>
    places.every(isSound) ? find() : [],
  )
}

function checksOf(config: ConfigFile, isWhole: boolean): readonly Check[] {
  const { policy, reading, requests, trustedProxies = [] } = config
  return [
    [
      ['/authentication/kind', '/listen'],
      () =>
        config.authentication.kind === 'none' && !isLoopback(config.listen)
          ? ['/authentication: kind none serves loopback only; use kind jwt, or listen on 127.0.0.1 or [::1]']
          : [],
    ],
    [
      ['/listen'],
      () =>
        Number(config.listen.slice(config.listen.lastIndexOf(':') + 1)) > portMax
          ? [`/listen: a port is at most ${portMax}`]
          : [],
    ],
    [['/bus/kind', '/tokens/kind'], () => togetherProblems(config, isWhole)],
    [['/bus'], () => busProblems(config.bus)],
    [['/tokens'], () => tokensProblems(config.tokens)],
    [['/trustedProxies'], () => trustedProxies.flatMap(proxyProblems)],
    [
      ['/authentication'],
      () => {
        const keys = config.authentication.kind === 'jwt' ? config.authentication.keys : undefined
        return credentialProblems(
          '/authentication/keys/url',
          keys !== undefined && 'url' in keys ? keys.url : undefined,
        )
      },
    ],
    [['/policy/bundle'], () => credentialProblems('/policy/bundle', policy.bundle)],
    [['/policy/productBundle'], () => credentialProblems('/policy/productBundle', policy.productBundle)],
    [['/requests/extraHeaders'], () => headerProblems(requests?.extraHeaders)],
    [['/reading/etagKey'], () => keyProblems('/reading/etagKey', reading?.etagKey)],
    [['/policy/hashKeys'], () => hashKeyProblems(policy.hashKeys)],
  ]
}

function togetherProblems({ bus, tokens }: ConfigFile, isWhole: boolean): string[] {
  return [
    ...(!isWhole && (bus.kind === 'embedded' || tokens.kind === 'embedded')
      ? ['--services: some services alone need bus.kind kafka and tokens.kind redis']
      : []),
    ...(bus.kind === 'kafka' && tokens.kind === 'embedded'
      ? ['/tokens: bus.kind kafka needs tokens.kind redis, which all processes share']
      : []),
    ...(bus.kind === 'embedded' && tokens.kind === 'redis' ? ['/bus: tokens.kind redis needs bus.kind kafka'] : []),
  ]
}

function rootChecks(config: ConfigFile, isSound: (place: string) => boolean): readonly Check[] {
  const given: unknown = config.catalogue?.roots
  if (!Array.isArray(given)) return []
  const roots = config.catalogue.roots.map((root, index) => ({ root, at: `/catalogue/roots/${index}` }))
  const named = roots.filter(({ at }) => isSound(`${at}/id`))
  return [
    ...roots.flatMap(({ root, at }): Check[] => [
      [[`${at}/id`], () => idProblems(root.id, `${at}/id`)],
      [[at], () => sourceProblems(root, at)],
    ]),
    [
      [],
      () =>
        named.flatMap(({ root, at }, index) => {
          const same = named.findIndex((other) => other.root.id === root.id)
          if (same < index) return [`${at}/id: is that of ${named[same]!.at}, too`]
          return named.some((other) => other.root.id !== root.id && root.id.startsWith(other.root.id))
            ? [`/catalogue/roots: ${root.id} lies below another root`]
            : []
        }),
    ],
  ]
}

function idProblems(id: string, at: string): string[] {
  try {
    return parseResourceId(id).endsWith('/') ? [] : [`${at}: a root ends in /`]
  } catch (thrown) {
    return [`${at}: ${(thrown as PortcullisError).message.replace('resourceId: ', '')}`]
  }
}

function proxyProblems(proxy: string, index: number): string[] {
  const [address = '', bits, ...rest] = proxy.split('/')
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  try {
    if (isIP(address) === 0 || rest.length > 0 || (bits !== undefined && !/^[0-9]{1,3}$/u.test(bits))) throw new Error()
    if (bits !== undefined && Number(bits) === 0) return [`/trustedProxies/${index}: is everybody; name the proxies`]
    if (bits !== undefined) new BlockList().addSubnet(address, Number(bits), family)
    return []
  } catch {
    return [`/trustedProxies/${index}: must be an address, or a network such as 10.0.0.0/8`]
  }
}

/** They would not be sent, but printed. */
function credentialProblems(at: string, address: string | undefined): string[] {
  return address !== undefined && /^https?:\/\/[^/?#]*@/u.test(address)
    ? [`${at}: must not have a user or a password in it, which are not sent`]
    : []
}

function headerProblems(extraHeaders: readonly string[] | undefined): string[] {
  try {
    registrationOptions({ extraHeaders })
    return []
  } catch (thrown) {
    return [`/requests/extraHeaders: ${(thrown as PortcullisError).message.replace('requests.extraHeaders: ', '')}`]
  }
}

function hashKeyProblems(hashKeys: ConfigFile['policy']['hashKeys']): string[] {
  if (hashKeys === undefined) return []
  return [
    ...(hashKeys.keys[hashKeys.current] === undefined ? ['/policy/hashKeys/current: names no key'] : []),
    ...Object.entries(hashKeys.keys).flatMap(([name, key]) => keyProblems(`/policy/hashKeys/keys/${name}`, key)),
  ]
}

function keyProblems(at: string, key: string | undefined): string[] {
  return key !== undefined && Buffer.from(key, 'base64').length < keyBytesMin
    ? [`${at}: needs at least ${keyBytesMin} bytes, in base64`]
    : []
}

function isLoopback(listen: string): boolean {
  const host = listen.slice(0, listen.lastIndexOf(':'))
  return host === 'localhost' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/u.test(host)
}
