/**
 * Joins the modules that `tsc` has written types and workers for into a few files, since Node takes longer to find hundreds of modules than to run them:
 * `dist/bundled/main.js` with its chunks (the command line), `policy.js` (the package's export), and `builtins.cjs`, which both load for policies that name a built-in.
 *
 *   tsx tools/build.ts [folder in place of dist/]
 */
import { readFile, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = join(root, 'src')
const dist = resolve(root, process.argv[2] ?? 'dist')
const out = join(dist, 'bundled')
const registry = join(sources, 'policy/opa-wasm/builtins/registry.ts')

/** Packages that are small, of plain JavaScript, and needed by commands that have to start at once. All others stay where they are. */
const joinedPackages = ['commander', 'picocolors']

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

const packagesStay: Plugin = {
  name: 'packages-stay',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || joinedPackages.includes(path)) return undefined
      return { path, external: true }
    })
  },
}

/** The built-ins are a file of their own that is read when the first is asked for; importing can't wait, `require` can. */
const builtinsApart: Plugin = {
  name: 'builtins-apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/registry\.ts$/ }, ({ path, importer }) =>
      join(dirname(importer), path) === registry ? { path: registry, namespace: 'apart' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'apart' }, () => ({
      contents: `
        import { createRequire } from 'node:module'
        const load = createRequire(import.meta.url)
        export const createBuiltins = (options) => load('./builtins.cjs').createBuiltins(options)
      `,
      loader: 'js',
      resolveDir: sources,
    }))
  },
}

const shared = {
  bundle: true,
  outdir: out,
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions

await rm(out, { recursive: true, force: true })
await Promise.all([
  build({
    ...shared,
    format: 'esm',
    splitting: true,
    entryPoints: { main: join(sources, 'cli/main.ts') },
    plugins: [ownPlaces('import.meta.url'), packagesStay, builtinsApart],
    // packages in CommonJS ask for Node's own modules by it
    banner: {
      js: "import { createRequire as createRequireHere } from 'node:module';const require=createRequireHere(import.meta.url);",
    },
  }),
  build({
    ...shared,
    format: 'esm',
    entryPoints: { policy: join(sources, 'policy/opa-wasm/index.ts') },
    plugins: [ownPlaces('import.meta.url'), packagesStay, builtinsApart],
  }),
  build({
    ...shared,
    format: 'cjs',
    entryPoints: { builtins: registry },
    outExtension: { '.js': '.cjs' },
    plugins: [ownPlaces('thisFile'), packagesStay],
    banner: { js: "const thisFile=require('node:url').pathToFileURL(__filename).href;" },
  }),
])
