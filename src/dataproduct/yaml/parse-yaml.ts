/** The one profile of YAML for data products: 1.2 core, each key once, no merge keys, few references; every node with its place. */
import { type Event, parseEvents, YAMLException } from 'js-yaml'
import { nestingDepthMax, type SyntaxDocument, tooDeep } from '../syntax.ts'
import { createComposer, type YamlOptions } from './composer.ts'
import { complaintOf } from './syntax-reasons.ts'

/** Never throws for what stands in the text; text that is no YAML is one document with one problem. */
export function parseYaml(text: string, options: YamlOptions = {}): readonly SyntaxDocument[] {
  const events = eventsOf(text)
  if ('problems' in events) return [events]
  const composer = createComposer(text, options)
  for (const event of events) composer.take(event)
  return composer.documents()
}

function eventsOf(text: string): readonly Event[] | SyntaxDocument {
  try {
    return parseEvents(text, { maxDepth: nestingDepthMax })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const start = Math.min(error.mark?.position ?? 0, text.length)
    const complaint = error.reason.includes('maxDepth') ? tooDeep : complaintOf(error.reason)
    return {
      empty: false,
      problems: [{ ...complaint, severity: 'error', path: [], start, end: Math.min(start + 1, text.length) }],
    }
  }
}
