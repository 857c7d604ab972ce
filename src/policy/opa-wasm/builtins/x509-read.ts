/** Certificates and requests for them, read from DER and shown as Go's structures are in JSON. */
import { record, type Value } from '../value.ts'
import { integer } from '../value-number.ts'
import {
  type Der,
  derBits,
  derElement,
  derElements,
  derInteger,
  derOid,
  derReader,
  derString,
  derTag,
  derTime,
  explicitTag,
  malformed,
} from './der.ts'
import { publicKeyFacts, signatureAlgorithm } from './x509-algorithms.ts'
import {
  type Extension,
  type ExtensionFacts,
  extensionFacts,
  extensionList,
  readExtensions,
} from './x509-extensions.ts'
import { alternativeNameMembers, listOrNull, nameOf } from './x509-names.ts'

export type Certificate = {
  readonly der: Buffer
  readonly facts: ExtensionFacts
  readonly version: number
  readonly subject: Buffer
  readonly issuer: Buffer
  /** Seconds since the epoch, both inclusive. */
  readonly notBefore: number
  readonly notAfter: number
  readonly members: Readonly<Record<string, Value>>
}

/** The first certificate of these bytes. */
export function readCertificate(der: Buffer): Certificate {
  const whole = derElement(der, derTag.sequence)
  const outer = derReader(whole.bytes)
  const body = outer.next(derTag.sequence)
  const algorithm = outer.next(derTag.sequence)
  const signature = derBits(outer.next(derTag.bitString)).bytes

  const reader = derReader(body.bytes)
  const versionField = reader.optional(explicitTag(0))
  const version = versionField === undefined ? 1 : Number(derInteger(derElement(versionField.bytes))) + 1
  const serial = derInteger(reader.next(derTag.integer))
  reader.next(derTag.sequence)
  const issuer = reader.next(derTag.sequence)
  const validity = derReader(reader.next(derTag.sequence).bytes)
  const [notBefore, notAfter] = [derTime(validity.next()), derTime(validity.next())]
  const subject = reader.next(derTag.sequence)
  const keyInfo = reader.next(derTag.sequence)
  const key = publicKeyFacts(keyInfo)
  while (!reader.isAtEnd() && reader.optional(explicitTag(3)) === undefined) reader.next()
  const extensions = extensionsOf(body)
  const facts = extensionFacts(extensions)

  const members = {
    Raw: base64(whole),
    RawTBSCertificate: base64(body),
    RawSubjectPublicKeyInfo: base64(keyInfo),
    RawSubject: base64(subject),
    RawIssuer: base64(issuer),
    Signature: signature.toString('base64'),
    SignatureAlgorithm: signatureAlgorithm(algorithm),
    PublicKeyAlgorithm: key.algorithm,
    PublicKey: key.value,
    Version: version,
    SerialNumber: integer(serial),
    Issuer: nameOf(issuer),
    Subject: nameOf(subject),
    NotBefore: timeText(notBefore),
    NotAfter: timeText(notAfter),
    Extensions: extensionList(extensions),
    ...facts.members,
    ...alternativeNameMembers(facts.names),
  }
  const raw = { der: whole.whole, subject: subject.whole, issuer: issuer.whole }
  return { ...raw, facts, version, notBefore, notAfter, members }
}

function extensionsOf(body: Der): readonly Extension[] {
  const field = derElements(body.bytes).find(({ tag }) => tag === explicitTag(3))
  return field === undefined ? [] : readExtensions(derElement(field.bytes, derTag.sequence))
}

export function readCertificates(bytes: Buffer): readonly Certificate[] {
  return derElements(bytes).map(({ whole }) => readCertificate(whole))
}

/** With the URIs as texts, which OPA adds. */
export function certificateValue({ members, facts }: Certificate): Value {
  return record({ ...members, URIStrings: listOrNull(facts.names.uris) })
}

const extensionRequest = '1.2.840.113549.1.9.14'

export function certificateRequestValue(der: Buffer): Value {
  const whole = derElement(der, derTag.sequence)
  const outer = derReader(whole.bytes)
  const body = outer.next(derTag.sequence)
  const algorithm = outer.next(derTag.sequence)
  const signature = derBits(outer.next(derTag.bitString)).bytes
  const reader = derReader(body.bytes)
  const version = Number(derInteger(reader.next(derTag.integer)))
  const subject = reader.next(derTag.sequence)
  const keyInfo = reader.next(derTag.sequence)
  const key = publicKeyFacts(keyInfo)
  const attributes = derElements(reader.next(explicitTag(0)).bytes)
  const extensions = requestedExtensions(attributes)
  return record({
    Raw: base64(whole),
    RawTBSCertificateRequest: base64(body),
    RawSubjectPublicKeyInfo: base64(keyInfo),
    RawSubject: base64(subject),
    Version: version,
    Signature: signature.toString('base64'),
    SignatureAlgorithm: signatureAlgorithm(algorithm),
    PublicKeyAlgorithm: key.algorithm,
    PublicKey: key.value,
    Subject: nameOf(subject),
    Attributes: listOrNull(attributes.map(attributeValue).filter((value) => value !== undefined)),
    Extensions: extensionList(extensions),
    ExtraExtensions: null,
    ...alternativeNameMembers(extensionFacts(extensions).names),
  })
}

function requestedExtensions(attributes: readonly Der[]): readonly Extension[] {
  for (const attribute of attributes) {
    const reader = derReader(attribute.bytes)
    if (derOid(reader.next(derTag.oid)).join('.') !== extensionRequest) continue
    return readExtensions(derElement(reader.next(derTag.set).bytes, derTag.sequence))
  }
  return []
}

/** Undefined for attributes of another form. */
function attributeValue(attribute: Der): Value | undefined {
  const reader = derReader(attribute.bytes)
  const type = derOid(reader.next(derTag.oid))
  const sets = derElements(reader.next(derTag.set).bytes)
  if (sets.some(({ tag }) => tag !== derTag.sequence)) return undefined
  const values = sets.map((set) =>
    derElements(set.bytes).map((pair) => {
      const inner = derReader(pair.bytes)
      return record({ Type: derOid(inner.next(derTag.oid)), Value: anyValue(inner.next()) })
    }),
  )
  return record({ Type: type, Value: values })
}

function anyValue(element: Der): Value {
  switch (element.tag) {
    case derTag.boolean:
      return element.bytes[0] !== 0
    case derTag.integer:
      return integer(derInteger(element))
    case derTag.octetString:
      return element.bytes.toString('base64')
    case derTag.oid:
      return derOid(element)
    default:
      return derString(element) ?? null
  }
}

function base64({ whole }: Der): string {
  return whole.toString('base64')
}

function timeText(seconds: number): string {
  const text = new Date(seconds * 1000).toISOString()
  if (text.length !== '2006-01-02T15:04:05.000Z'.length) throw malformed()
  return text.replace('.000', '')
}
