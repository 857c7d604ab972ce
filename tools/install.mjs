/** Checks the Node version, then runs `npm ci` if what is installed is not what package-lock.json says. Runs before any package is there. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'

const root = new URL('../', import.meta.url)
const NODE_MIN = [20, 19]

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
  console.error(`Node ${NODE_MIN.join('.')} or later is needed; this is ${process.versions.node}.`)
  process.exit(1)
}

if (!isInstalled()) {
  console.log('Installing the packages of package-lock.json …')
  const { status } = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], { cwd: root, stdio: 'inherit' })
  process.exit(status ?? 1)
}

/** npm notes in node_modules what it put there, once it is done; packages for other systems are missing there by right. */
function isInstalled() {
  const wanted = packagesOf('package-lock.json')
  const present = packagesOf('node_modules/.package-lock.json')
  if (!wanted || !present) return false
  const lacks = Object.entries(wanted).some(([path, entry]) => path !== '' && !(isSame(entry, present[path]) || (!present[path] && entry.optional)))
  return !lacks && Object.keys(present).every((path) => path in wanted)
}

function isSame(wanted, present) {
  return present !== undefined && wanted.version === present.version && wanted.integrity === present.integrity
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(new URL(file, root), 'utf8')).packages
  } catch {
    return undefined
  }
}
