/** The first characters of a text stay, the rest is cut off. Characters are code points. */
import { isCount, type MaskAction } from './mask-action.ts'

export const truncateAction: MaskAction<'truncate'> = {
  action: 'truncate',
  parameters: ['to'],
  parse: (path, { to }) => (isCount(to) ? { path, action: 'truncate', to } : undefined),
  apply: ({ to }, value) => (typeof value === 'string' ? firstCharacters(value, to) : null),
}

function firstCharacters(text: string, count: number): string {
  let end = 0
  for (let left = count; left > 0 && end < text.length; left--) end += text.codePointAt(end)! > 0xffff ? 2 : 1
  return text.slice(0, end)
}
