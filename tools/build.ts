/**
 * Joins the modules that `tsc` has written types and workers for into a few files, since Node takes longer to find hundreds of modules than to run them:
 * `dist/bundled/main.js` with its chunks (the command line), `quick.cjs` (its quick commands in one), `policy.js` with `policy.cjs` (the package's export), and
 * `builtins.cjs`, which all load for policies that name a built-in. The `.cjs` are compiled beforehand, into `.cache`.
 *
 *   tsx tools/build.ts [folder in place of dist/]
 */
import { readFile, rm } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { compileScripts } from './bundled/compile-scripts.ts'
import { builtinsScript, familiesText, registryText } from './bundled/lazy-builtins.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = join(root, 'src')
const bundled = join(root, 'tools/bundled')
const dist = resolve(root, process.argv[2] ?? 'dist')
const out = join(dist, 'bundled')
const builtins = join(sources, 'policy/opa-wasm/builtins')
const registry = join(builtins, 'registry.ts')

/** Packages that are small, of plain JavaScript, and needed by commands that have to start at once. All others stay where they are. */
const joinedPackages = ['commander', 'picocolors']
const quickPackages = [...joinedPackages, 'js-yaml']
/** What Node itself takes milliseconds to load, and few runs need. */
const lateModules = ['node:child_process', 'node:crypto', 'node:fs/promises']

/** A module that asks where it lies is told the place of its own file in dist/, and not that of the file it was joined into. */
const ownPlaces = (here: string): Plugin => ({
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      if (!text.includes('import.meta.url')) return undefined
      const place = relative(out, join(dist, relative(sources, path)))
      const url = JSON.stringify(place.replaceAll(sep, '/').replace(/\.ts$/, '.js'))
      return { contents: text.replaceAll('import.meta.url', `new URL(${url}, ${here}).href`), loader: 'ts' }
    })
  },
})

const packagesStay = (joined: readonly string[]): Plugin => ({
  name: 'packages-stay',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || joined.includes(path)) return undefined
      return { path, external: true }
    })
  },
})

/** A script can't import, so that all it needs has to be in it. */
const allJoined = (joined: readonly string[]): Plugin => ({
  name: 'all-joined',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) =>
      kind === 'entry-point' || joined.includes(path) || isBuiltin(path)
        ? undefined
        : {
            errors: [{ text: `${path}, which ${importer} imports, has to be joined too or be left to other commands` }],
          },
    )
  },
})

/** The built-ins are a script of their own that is read when the first is asked for; importing can't wait. `load`: what gives `loadScript` and `folder`. */
const builtinsApart = (load: string): Plugin => ({
  name: 'builtins-apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/registry\.ts$/ }, ({ path, importer }) =>
      join(dirname(importer), path) === registry ? { path: registry, namespace: 'apart' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'apart' }, () => ({
      contents: `${load}\n${registryText()}`,
      loader: 'js',
      resolveDir: sources,
    }))
  },
})

/** What Node has is loaded at the first use of one of its names. */
const nodeLate: Plugin = {
  name: 'node-late',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) =>
      lateModules.includes(path) ? { path, namespace: 'late' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'late' }, async ({ path }) => {
      const names = Object.keys((await import(path)) as object).filter((name) => name !== 'default')
      return {
        contents: `
          for (const name of ${JSON.stringify(names)})
            Object.defineProperty(exports, name, { enumerable: true, get: () => process.getBuiltinModule('${path}')[name] })
        `,
        loader: 'js',
      }
    })
  },
}

/** Scripts that a module requires, as the validators are, are loaded with their caches too. */
const scriptsCached: Plugin = {
  name: 'scripts-cached',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:module$/, namespace: 'file' }, ({ path }) => ({ path, namespace: 'cached' }))
    onLoad({ filter: /./, namespace: 'cached' }, () => ({
      contents: `
        const { createRequire, ...others } = process.getBuiltinModule('node:module')
        module.exports = {
          ...others,
          createRequire: (from) => {
            const require = createRequire(from)
            return (name) => (/^\\..*\\.cjs$/.test(name) ? loadScript(require.resolve(name)) : require(name))
          },
        }
      `,
      loader: 'js',
    }))
  },
}

const shared = {
  bundle: true,
  absWorkingDir: root,
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions

const modules = {
  ...shared,
  format: 'esm',
  splitting: true,
  outdir: out,
  entryPoints: { main: join(sources, 'cli/main.ts') },
  plugins: [
    ownPlaces('import.meta.url'),
    packagesStay(joinedPackages),
    builtinsApart(`
      import { createRequire } from 'node:module'
      import { fileURLToPath } from 'node:url'
      const folder = fileURLToPath(new URL('.', import.meta.url)).replace(/.$/, '')
      const loadScript = createRequire(import.meta.url)('./load-script.cjs').createLoader(folder)
    `),
  ],
  // packages in CommonJS ask for Node's own modules by it
  banner: {
    js: "import { createRequire as createRequireHere } from 'node:module';const require=createRequireHere(import.meta.url);",
  },
} satisfies BuildOptions

const scriptPlugins = [ownPlaces('thisFile'), builtinsApart('const folder = __dirname'), scriptsCached, nodeLate]

const scripts = {
  ...shared,
  format: 'cjs',
  // at its first use `performance` loads what takes Node a millisecond
  define: { 'performance.now': 'milliseconds' },
  banner: {
    js: "const thisFile=require('node:url').pathToFileURL(__filename).href;const milliseconds=()=>{const [s,ns]=process.hrtime();return s*1e3+ns/1e6};",
  },
} satisfies BuildOptions

await rm(out, { recursive: true, force: true })
await Promise.all([
  build(modules),
  build({ ...shared, format: 'esm', entryPoints: [join(bundled, 'policy.ts')], outfile: join(out, 'policy.js') }),
  build({
    ...shared,
    format: 'cjs',
    entryPoints: [join(bundled, 'load-script.ts')],
    outfile: join(out, 'load-script.cjs'),
  }),
  build({
    ...scripts,
    entryPoints: [join(sources, 'cli/quick.ts')],
    outfile: join(out, 'quick.cjs'),
    plugins: [...scriptPlugins, allJoined(quickPackages)],
  }),
  build({
    ...scripts,
    entryPoints: [join(sources, 'policy/opa-wasm/index.ts')],
    outfile: join(out, 'policy.cjs'),
    plugins: [...scriptPlugins, allJoined([])],
  }),
  build({
    ...scripts,
    stdin: { contents: familiesText(), resolveDir: builtins, loader: 'js' },
    outfile: join(out, builtinsScript),
    plugins: [ownPlaces('thisFile'), nodeLate, allJoined([])],
  }),
])
await compileScripts(root, out)
