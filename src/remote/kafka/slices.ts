/** The paths of Kafka's leaves, and what each stands for: a bounded slice of one partition, from offset to offset, which no producer changes any more. */
import { PortcullisError } from '../../domain/errors.ts'
import { withRetries } from '../bounded-retries.ts'
import type { KafkaClient, KafkaPartition, KafkaTopic } from './client.ts'

/** What values of a topic are: JSON, Avro behind five bytes that name its schema, or bare Avro of the one schema given. */
export type KafkaValues =
  | { readonly kind: 'json' }
  | { readonly kind: 'avro-registry' }
  | { readonly kind: 'avro'; readonly schema: string }

/** Topics that are served, and what is in them: one by its name, or all whose names begin alike. */
export type KafkaTopicRule = {
  readonly topic?: string | undefined
  readonly prefix?: string | undefined
  readonly values: KafkaValues
  readonly recordType?: string | undefined
}

/** From `first` up to, not including, `end`. */
export type KafkaSlice = KafkaPartition & {
  readonly topicId: string
  readonly first: number
  readonly end: number
  readonly rule: KafkaTopicRule
}

export type KafkaSlices = {
  /** Of each partition the leaf of all it holds, with its rule; not sorted. @throws source.* */
  all(signal: AbortSignal): Promise<readonly { readonly path: string; readonly rule: KafkaTopicRule }[]>
  /** What the path stands for now. @throws source.not_found also where a slice reaches beyond what is written */
  look(path: string, signal: AbortSignal): Promise<KafkaSlice>
  /** The slice of that version; nothing is asked. @throws source.not_found */
  pinned(path: string, version: string): KafkaSlice
  /** @throws source.changed where the topic was made anew, or what the slice begins with is gone */
  confirm(slice: KafkaSlice, signal: AbortSignal): Promise<void>
}

/** What a partition's own leaf is called: from the first offset still there to the last one committed. */
const wholeName = 'all'
const pathPattern = /^([A-Za-z0-9._-]{1,249})\/(0|[1-9][0-9]{0,8})\/(?:all|(0|[1-9][0-9]{0,14})-([1-9][0-9]{0,14}))$/u
const versionPattern = /^([A-Za-z0-9_-]+):([0-9]+)-([0-9]+)$/u

export function sliceVersion({ topicId, first, end }: KafkaSlice): string {
  return `${topicId}:${first}-${end}`
}

export function createKafkaSlices(client: KafkaClient, rules: readonly KafkaTopicRule[]): KafkaSlices {
  /** A name before all beginnings. */
  const ruleOf = (topic: string) =>
    rules.find((rule) => rule.topic === topic) ??
    rules.find(({ prefix }) => prefix !== undefined && topic.startsWith(prefix))
  const names = rules.some(({ prefix }) => prefix !== undefined)
    ? undefined
    : [...new Set(rules.flatMap(({ topic }) => topic ?? []))]

  function parse(path: string) {
    const [, topic, partition, first, end] = path.match(pathPattern) ?? []
    const rule = topic === undefined ? undefined : ruleOf(topic)
    if (topic === undefined || rule === undefined) throw new PortcullisError('source.not_found')
    const asked = first === undefined ? undefined : { first: Number(first), end: Number(end) }
    return { topic, partition: Number(partition), rule, asked }
  }

  async function topicNow(topic: string, signal: AbortSignal): Promise<KafkaTopic> {
    const [found] = await withRetries(() => client.topics([topic], signal), signal)
    if (found === undefined) throw new PortcullisError('source.not_found')
    return found
  }

  return {
    async all(signal) {
      const topics = await withRetries(() => client.topics(names, signal), signal)
      return topics.flatMap(({ name, partitions }) => {
        const rule = ruleOf(name)
        return rule === undefined ? [] : partitions.map((index) => ({ path: `${name}/${index}/${wholeName}`, rule }))
      })
    },
    async look(path, signal) {
      const { asked, ...at } = parse(path)
      const { id, partitions } = await topicNow(at.topic, signal)
      if (!partitions.includes(at.partition)) throw new PortcullisError('source.not_found')
      const { first, end } = await withRetries(() => client.bounds(at, signal), signal)
      if (asked === undefined) return { ...at, topicId: id, first, end }
      if (asked.first >= asked.end || asked.end > end || asked.end <= first)
        throw new PortcullisError('source.not_found')
      return { ...at, topicId: id, first: Math.max(first, asked.first), end: asked.end }
    },
    pinned(path, version) {
      const { asked: _, ...at } = parse(path)
      const [, topicId, first, end] = version.match(versionPattern) ?? []
      if (topicId === undefined) throw new PortcullisError('source.not_found')
      return { ...at, topicId, first: Number(first), end: Number(end) }
    },
    async confirm({ topic, topicId }, signal) {
      if ((await topicNow(topic, signal)).id !== topicId) throw new PortcullisError('source.changed')
    },
  }
}
