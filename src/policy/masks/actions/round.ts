/** A number goes to the nearest multiple, half away from zero, reckoned in decimals as they are written and not in binary fractions. */
import type { Json } from '../../../domain/json.ts'
import type { MaskAction } from './mask-action.ts'

export const roundAction: MaskAction<'round'> = {
  action: 'round',
  parameters: ['to'],
  parse: (path, { to }) =>
    typeof to === 'number' && Number.isFinite(to) && to > 0 ? { path, action: 'round', to } : undefined,
  apply: ({ to }, value) => {
    if (typeof value === 'bigint') return rounded(value, to)
    return typeof value === 'number' && Number.isFinite(value) ? rounded(value, to) : null
  },
}

function rounded(value: number | bigint, to: number): Json {
  const number = decimalOf(value)
  const unit = decimalOf(to)
  const places = Math.max(number.places, unit.places)
  const units = atPlaces(number, places)
  const step = atPlaces(unit, places)
  const sign = units < 0n ? -1n : 1n
  // twice the value and one step more, halved without a rest: half goes up in size
  const multiple = ((2n * sign * units + step) / (2n * step)) * step * sign
  return toJson(multiple, places)
}

/** units · 10^−places, with places ≥ 0 */
type Decimal = { readonly units: bigint; readonly places: number }

function decimalOf(value: number | bigint): Decimal {
  if (typeof value === 'bigint') return { units: value, places: 0 }
  const [mantissa = '0', exponent = '0'] = String(value).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const units = BigInt(whole + fraction)
  const places = fraction.length - Number(exponent)
  return places >= 0 ? { units, places } : { units: units * 10n ** BigInt(-places), places: 0 }
}

function atPlaces({ units, places }: Decimal, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - places)
}

function toJson(units: bigint, places: number): Json {
  const scale = 10n ** BigInt(places)
  if (units % scale !== 0n) {
    const number = Number(`${units}e-${places}`)
    return Number.isFinite(number) ? number : null
  }
  const whole = units / scale
  const number = Number(whole)
  return Number.isSafeInteger(number) ? number : whole
}
