/** Says what of an audit log could not be read: an answer without it is not the whole answer. */
import type { Damage, Tally } from '../app/audit.ts'

const words: Readonly<Record<Damage['why'], string>> = {
  too_long: 'longer than any event',
  not_utf8: 'no UTF-8',
  cut_short: 'cut short',
  rest_missing: 'this line and all behind it, as the compressed file is damaged or ends early',
  not_json: 'no JSON',
  not_event: 'no event',
  decision_log: 'of a decision log, which is another',
  unknown_kind: 'of a kind that this version does not know',
}

/** With `strict`, whatever is missing makes the exit code 2. */
export function tellDamage({ damagedLines, damage, unread }: Tally, strict: boolean): void {
  if (damagedLines > 0) {
    const places = damage.map(({ file, line, why }) => `${file}:${line} (${words[why]})`)
    const more = damagedLines > damage.length ? ` and ${damagedLines - damage.length} more` : ''
    process.stderr.write(
      `portcullis: WARNING: ${damagedLines} ${damagedLines === 1 ? 'line' : 'lines'} could not be read and ${damagedLines === 1 ? 'is' : 'are'} left out: ${places.join(', ')}${more}\n`,
    )
  }
  if (unread.length > 0)
    process.stderr.write(
      `portcullis: WARNING: not read, as the names are not those of a log or its rotations: ${unread.join(', ')}; name the files themselves to read them\n`,
    )
  if (strict && (damagedLines > 0 || unread.length > 0)) process.exitCode = 2
}
