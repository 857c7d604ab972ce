/** Questions that were really asked: the registrations in an audit log. */
import { PortcullisError } from '../domain/errors.ts'
import { parseUserId } from '../domain/ids.ts'
import { parseResourceId } from '../domain/resource-id.ts'
import type { Question } from './impact.ts'

/** Each distinct one once, in the order they were first asked. Lines are those of the audit log. @throws config.invalid with the line that can't be read */
export function recordedRequests(lines: Iterable<string>): readonly Question[] {
  const questions = new Map<string, Question>()
  let number = 0
  for (const line of lines) {
    number++
    if (line.trim() === '') continue
    const event = parsed(line, number)
    if (event.kind !== 'request.registered') continue
    const { userId, resourceId, context } = event
    if (typeof userId !== 'string' || typeof resourceId !== 'string') continue
    const question = {
      user: parseUserId(userId),
      resource: parseResourceId(resourceId),
      context: { purpose: '', ...(context as Record<string, string> | undefined) },
    }
    questions.set(JSON.stringify(question), question)
  }
  return [...questions.values()]
}

function parsed(line: string, number: number): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch (cause) {
    throw new PortcullisError('config.invalid', {
      message: `line ${number}: this is no line of an audit log, which holds one JSON object a line`,
      cause,
    })
  }
}
