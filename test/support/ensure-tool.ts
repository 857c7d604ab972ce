/** Where a tool beside Node is, installed first if need be: tools/ensure, asked from a test. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export type Tool = 'opa' | 'conftest' | 'redis' | 'kafka' | 'chromium' | 'java' | 'maven' | 'go'

/** The first call on a new machine may build from source. */
const ENSURE_TIMEOUT_MS = 15 * 60_000

const script = fileURLToPath(new URL('../../tools/ensure', import.meta.url))
const known = new Map<Tool, Promise<string>>()

export function ensureTool(tool: Tool): Promise<string> {
  const path = known.get(tool) ?? askScript(tool)
  known.set(tool, path)
  return path
}

async function askScript(tool: Tool): Promise<string> {
  const { stdout } = await promisify(execFile)(script, [tool], { timeout: ENSURE_TIMEOUT_MS })
  return stdout.trim()
}
