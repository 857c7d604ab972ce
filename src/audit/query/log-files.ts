/** Which files an audit log consists of, oldest first: those of a folder with their rotations, or files that are named. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PortcullisError } from '../../domain/errors.ts'

export type LogFile = {
  /** `-` is standard input. */
  readonly path: string
  /** As it is told in messages. */
  readonly name: string
  /** UTC, `2026-11-25`: the only day of its events. Absent for files that were named one by one: those are read whatever they are called. */
  readonly day?: string
  /** The day that its name says, if any: files of one day are read side by side. */
  readonly sortDay?: string
}

export type LogFiles = {
  readonly files: readonly LogFile[]
  /** Files of the log, by their names, that can't be read here. */
  readonly unread: readonly string[]
}

const logName = /^audit-(\d{4}-\d\d-\d\d)\.ndjson(?:[.-](\d+))?(?:\.gz)?$/
/** Numbers of a rotation count from the newest; greater ones are dates. */
const rotationsMax = 10_000

type Found = LogFile & { readonly age: number; readonly sortDay: string }

/** `places` are files, folders, and `-`. @throws config.invalid where a folder holds no audit log, or a place is named twice; and what the system says */
export async function findLogFiles(places: readonly string[]): Promise<LogFiles> {
  const twice = places.find((place, index) => places.indexOf(place) !== index)
  if (twice !== undefined) throw wrong(`${twice}: is named twice.`)
  const found: Found[] = []
  const unread: string[] = []
  for (const place of places)
    if (place === '-') found.push({ path: '-', name: 'standard input', age: 0, sortDay: '' })
    else if ((await stat(place)).isDirectory()) {
      const inside = await filesIn(place)
      found.push(...inside.files)
      unread.push(...inside.unread)
    } else found.push({ path: place, name: place, ...ageOf(basename(place)) })
  await throwIfTwice(found)
  found.sort((a, b) => (a.sortDay === b.sortDay ? a.age - b.age : a.sortDay < b.sortDay ? -1 : 1))
  return { files: found.map(({ age: _, sortDay, ...file }) => (sortDay === '' ? file : { ...file, sortDay })), unread }
}

/** Counted twice, it would tell of reads that were not: repetitions are known only if they are near each other. */
async function throwIfTwice(found: readonly LogFile[]): Promise<void> {
  const known = new Map<string, string>()
  for (const { path, name } of found) {
    if (path === '-') continue
    const { dev, ino } = await stat(path, { bigint: true })
    const id = `${dev} ${ino}`
    const other = known.get(id)
    if (other !== undefined) throw wrong(`${name}: is the same file as ${other}; name it once.`)
    known.set(id, name)
  }
}

async function filesIn(
  folder: string,
): Promise<{ readonly files: readonly Found[]; readonly unread: readonly string[] }> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('audit-')).sort()
  const files = names.flatMap((name): readonly Found[] => {
    const path = join(folder, name)
    const age = ageOf(name)
    return age.sortDay === '' ? [] : [{ path, name: path, day: age.sortDay, ...age }]
  })
  if (files.length === 0)
    throw wrong(`${folder}: holds no audit log, whose files are named audit-2026-11-25.ndjson, or with .gz behind.`)
  return { files, unread: names.filter((name) => !logName.test(name)).map((name) => join(folder, name)) }
}

/** Of one day the plain file is the newest, `.1` is older, `.2` older still; dates count upwards. */
function ageOf(name: string): { readonly age: number; readonly sortDay: string } {
  const [, day = '', rotation] = logName.exec(name) ?? []
  if (rotation === undefined) return { age: 0, sortDay: day }
  const number = Number(rotation)
  return { age: number < rotationsMax ? -number : number - Number.MAX_SAFE_INTEGER, sortDay: day }
}

function wrong(message: string): PortcullisError {
  return new PortcullisError('config.invalid', { message })
}
