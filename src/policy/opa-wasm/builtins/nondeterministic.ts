/** The built-ins whose answer is not told by their arguments. */

/** What may answer differently for the same input, by clock, randomness, network or process: a decision that is remembered must call none of these. */
export const nondeterministicBuiltins: readonly string[] = [
  'crypto.x509.parse_and_verify_certificates',
  'crypto.x509.parse_and_verify_certificates_with_options',
  'http.send',
  'io.jwt.decode_verify',
  'io.jwt.encode_sign',
  'io.jwt.encode_sign_raw',
  'net.lookup_ip_addr',
  'opa.runtime',
  'rand.intn',
  'time.now_ns',
  'trace',
  'uuid.rfc4122',
]
