/** Which files a check reads: those that are named, and those with a fitting name below the folders that are named. */
import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'

export const filesMax = 50_000
const extensions = ['.yaml', '.yml', '.json']
const ignoredFolders: ReadonlySet<string> = new Set(['node_modules', '.git', '.terraform', '.venv', '__pycache__'])

export type SourceFile = {
  /** What findings call it: from the root of the repository where there is one, with `/`. */
  readonly file: string
  readonly absolute: string
  /** Named by itself: then it has to be one of ours. */
  readonly explicit: boolean
}
export type Problem = { readonly file?: string; readonly message: string }
export type SourceFiles = {
  readonly files: readonly SourceFile[]
  /** Files with other names, and links that lead out of their folder. */
  readonly passedOver: number
  readonly problems: readonly Problem[]
}

/** A name that promises a product or a contract. */
const promisingName = /(?:^|[./_-])(?:odcs|odps|data-?contract|data-?product|contract|product)\.(?:ya?ml|json)$/iu

export function hasPromisingName(path: string): boolean {
  return promisingName.test(path)
}

export function hasSourceName(path: string): boolean {
  return extensions.some((extension) => path.toLowerCase().endsWith(extension))
}

/** In the order of their names, each once. Folders that can't be listed are problems, never passed over. */
export function collectFiles(paths: readonly string[], cwd: string, root: string): SourceFiles {
  const files = new Map<string, SourceFile>()
  const problems: Problem[] = []
  let passedOver = 0
  let tooMany = false

  for (const path of paths) {
    const absolute = resolve(cwd, path)
    const stats = statOf(absolute)
    if (stats === undefined) problems.push({ file: path, message: 'There is no such file or folder.' })
    else if (stats.isDirectory()) walk(absolute, realpathSync(absolute))
    else add(absolute, true)
  }
  if (tooMany) problems.push({ message: `There are more than ${filesMax} files: name fewer folders.` })
  return { files: [...files.values()].sort((left, right) => (left.file < right.file ? -1 : 1)), passedOver, problems }

  function walk(folder: string, top: string): void {
    let entries: readonly { readonly name: string }[]
    try {
      entries = readdirSync(folder, { withFileTypes: true }).sort((left, right) => (left.name < right.name ? -1 : 1))
    } catch {
      problems.push({ file: nameOf(folder), message: 'The folder cannot be listed.' })
      return
    }
    for (const { name } of entries) {
      const absolute = join(folder, name)
      const stats = lstatSync(absolute, { throwIfNoEntry: false })
      if (stats?.isDirectory()) {
        if (!ignoredFolders.has(name)) walk(absolute, top)
      } else if (hasSourceName(name) && (stats?.isFile() || isLinkWithin(absolute, [top, root]))) add(absolute, false)
      else if (stats?.isSymbolicLink() && hasPromisingName(name))
        problems.push({ file: nameOf(absolute), message: 'It is a link that leads to no file of this repository.' })
      else passedOver += 1
    }
  }

  function add(absolute: string, explicit: boolean): void {
    const known = files.get(absolute)
    if (known === undefined && files.size === filesMax) {
      tooMany = true
      return
    }
    files.set(absolute, { file: nameOf(absolute), absolute, explicit: explicit || known?.explicit === true })
  }

  function nameOf(absolute: string): string {
    const inside = relative(root, absolute)
    const name = inside === '' ? '.' : inside.startsWith('..') || isAbsolute(inside) ? absolute : inside
    return name.split(sep).join('/')
  }
}

/** To a regular file below one of the folders; links to folders could go round in circles. */
function isLinkWithin(path: string, folders: readonly string[]): boolean {
  try {
    const target = realpathSync(path)
    return folders.some((folder) => target.startsWith(`${folder}${sep}`)) && statSync(target).isFile()
  } catch {
    return false
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
