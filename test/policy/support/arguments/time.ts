/** Arguments for time.*. */

import fc, { type Arbitrary } from 'fast-check'
import { formatTime } from '../../../../src/policy/opa-wasm/builtins/go-time.ts'
import { namedLayouts } from '../../../../src/policy/opa-wasm/builtins/go-time-layout.ts'
import { utc } from '../../../../src/policy/opa-wasm/builtins/time-zones.ts'
import type { Value } from '../../../../src/policy/opa-wasm/value.ts'
import { numberOfText } from '../../../../src/policy/opa-wasm/value-number.ts'
import { type Arguments, args, joined, pick, smallInteger } from './base.ts'

const zone = pick(
  '',
  'UTC',
  'Europe/London',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Nowhere/None',
  'EST',
  'America/St_Johns',
  'Asia/Tokyo',
)
export const nanoseconds: Arbitrary<Value> = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: 946_684_800_000_000_000n, max: 1_893_456_000_000_000_000n }),
    fc.integer({ min: -10, max: 10 }).map((days) => BigInt(days) * 86_400_000_000_000n),
  )
  .map((ns) => numberOfText(String(ns)))
const layoutPart = pick(
  '2006',
  '06',
  '01',
  '1',
  'Jan',
  'January',
  '02',
  '2',
  '_2',
  '002',
  '__2',
  '15',
  '03',
  '3',
  '04',
  '4',
  '05',
  '5',
  'PM',
  'pm',
  'MST',
  'Z07:00',
  '-0700',
  '-07',
  'Z0700',
  '-07:00:00',
  'Z07:00:00',
  '.000',
  '.999',
  ',000',
  '.000000000',
  'Mon',
  'Monday',
  ' ',
  '-',
  ':',
  'T',
  'x',
  '/',
)
const layout = fc.oneof(
  pick(
    'RFC3339',
    'RFC822',
    'RFC1123Z',
    'Kitchen',
    'ANSIC',
    'UnixDate',
    'StampNano',
    'RFC3339Nano',
    'RFC850',
    'RubyDate',
  ),
  joined(layoutPart, 1, 6),
)
const moment = fc.oneof(
  nanoseconds,
  fc.tuple(nanoseconds, zone).map((pair): Value => pair),
  fc.tuple(nanoseconds, zone, layout).map((triple): Value => triple),
)
const timeText = fc
  .tuple(
    fc.integer({ min: 1600, max: 2300 }),
    fc.integer({ min: 0, max: 13 }),
    fc.integer({ min: 0, max: 32 }),
    pick('T', 't', ' '),
    fc.integer({ min: 0, max: 24 }),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 0, max: 60 }),
    pick('', '.1', '.123456789', ',5', '.'),
    pick('Z', '+01:00', '-23:59', '+24:00', '+1:00', '', 'z'),
  )
  .map(([year, month, day, separator, hour, minute, second, fraction, offset]) => {
    const two = (value: number) => String(value).padStart(2, '0')
    return `${year}-${two(month)}-${two(day)}${separator}${two(hour)}:${two(minute)}:${two(second)}${fraction}${offset}`
  })

/** A layout, and a time that was written by it, with now and then a character changed. */
const formattedTime: Arguments = fc
  .tuple(layout, nanoseconds, pick('', '', '', '0', 'x', ' '), fc.nat(20))
  .map(([given, ns, change, at]) => {
    const written = formatTime({ ns: BigInt(String(ns)), zone: utc }, namedLayouts[given] ?? given)
    return [given, change === '' ? written : written.slice(0, at) + change + written.slice(at + 1)]
  })

const durationText = joined(
  fc
    .tuple(
      pick('1', '1.5', '0', '.5', '100', '99999999999', '', '0.000000001', '3.'),
      pick('ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'd', 'w', 'y', 'x', ''),
    )
    .map((parts) => parts.join('')),
  0,
  3,
).chain((duration) => pick('', '', '-', '+').map((sign) => sign + duration))

export const timeArguments: Readonly<Record<string, Arguments>> = {
  'time.parse_ns': fc.oneof({ weight: 5, arbitrary: formattedTime }, args(layout, timeText)),
  'time.parse_rfc3339_ns': args(timeText),
  'time.parse_duration_ns': args(durationText),
  'time.format': args(moment),
  'time.date': args(moment),
  'time.clock': args(moment),
  'time.weekday': args(moment),
  'time.add_date': args(moment, smallInteger, smallInteger, smallInteger),
  'time.diff': args(moment, moment),
}
