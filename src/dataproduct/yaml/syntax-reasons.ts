/** What the YAML parser complains of, in the words of somebody who writes YAML. */

export type Complaint = { readonly message: string; readonly remedy: string }

const reasons: readonly { readonly pattern: RegExp; readonly complaint: Complaint }[] = [
  {
    pattern: /^tab/,
    complaint: { message: 'a tab stands where YAML allows only spaces', remedy: 'Indent with spaces.' },
  },
  {
    pattern: /indentation|multiline key|expected ':'|key-value separator|end of the stream or a document separator/,
    complaint: {
      message: 'the indentation or a `:` is not as YAML has it here',
      remedy: 'Indent what belongs together alike, and put text that contains `: ` in quotes.',
    },
  },
  {
    pattern: /within a (?:single|double) quoted scalar/,
    complaint: { message: 'the quotes that open here are never closed', remedy: 'Close them.' },
  },
  {
    pattern: /flow collection|found ','/,
    complaint: {
      message: 'a list in `[ ]` or a mapping in `{ }` is not complete here',
      remedy: 'Look for a missing comma or a bracket that is not closed.',
    },
  },
  {
    pattern: /escape|hexadecimal/,
    complaint: {
      message: 'this escape is unknown in double quotes',
      remedy: 'Write `\\\\` for a backslash, or use single quotes.',
    },
  },
  {
    pattern: /non-printable|null byte|valid JSON character/,
    complaint: { message: 'a control character stands here that YAML does not allow', remedy: 'Remove it.' },
  },
  {
    pattern: /document|directive|YAML version/,
    complaint: {
      message: 'a new document or a directive does not begin here as YAML has it',
      remedy: 'Put `---` on a line of its own between documents.',
    },
  },
]

const otherwise: Complaint = {
  message: 'this is not YAML',
  remedy: 'Compare the line with the lines around it: indentation, `:`, quotes and brackets.',
}

export function complaintOf(reason: string): Complaint {
  return reasons.find(({ pattern }) => pattern.test(reason))?.complaint ?? otherwise
}
