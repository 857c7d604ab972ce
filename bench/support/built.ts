/** The product as it is shipped: modules out of `dist/`, since what tsx makes of the sources names every closure that it meets, which costs more than the closure. */

/** `path` as below `src/`, without its ending. `make build` writes what this reads. */
export function built<Module>(path: string): Promise<Module> {
  return import(new URL(`../../dist/${path}.js`, import.meta.url).href) as Promise<Module>
}
