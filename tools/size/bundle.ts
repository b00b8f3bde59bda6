// Bundles the imports of an app, as the build of the app does, and measures the size of our code in each
// chunk.
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'

/** Modules that an app has anyway, or that are not our code. */
const OUTSIDE = ['yjs', 'lib0', 'y-protocols', '@electric-sql/client']

/** The name of the module of the app in the bundle. */
const APP = 'size-of-app.js'

export interface ModuleSize {
  /** Its path below `dist`, or the name of a package. */
  readonly name: string
  /** Bytes in the output, minified. */
  readonly bytes: number
}

/** Code that is loaded together. */
export interface ChunkSize {
  /** `first`, or the name of the lazy module that loads this chunk. */
  readonly name: string
  readonly minified: number
  readonly gzip: number
  /** The modules, the largest one first. */
  readonly modules: readonly ModuleSize[]
}

export interface BundleSize {
  readonly first: ChunkSize
  /** The bytes that each lazy module adds to the first chunk. Two of them may share code. */
  readonly lazy: readonly ChunkSize[]
}

type Outputs = Metafile['outputs']

/** @param source a module that imports from `y-electric`, as an app does */
export async function bundleSize(source: string): Promise<BundleSize> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname, sourcefile: APP },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    metafile: true,
    write: false,
    outdir: 'out',
    external: OUTSIDE.flatMap((name) => [name, `${name}/*`]),
  })
  const { outputs } = metafile
  const texts = new Map(outputFiles.map((file) => [path.relative('.', file.path), file.text]))
  const entries = Object.keys(outputs).filter((name) => outputs[name]?.entryPoint !== undefined)
  const main = entries.find((name) => outputs[name]?.entryPoint?.endsWith(APP))
  if (main === undefined) throw new Error('the app was not bundled')
  const first = loadedWith(outputs, main)
  const weigh = (name: string, files: readonly string[]) => weighed(name, files, outputs, texts)
  return {
    first: weigh('first', [...first]),
    lazy: entries
      .filter((entry) => entry !== main)
      .map((entry) => {
        const name = moduleName(outputs[entry]?.entryPoint ?? entry)
        return weigh(
          name,
          [...loadedWith(outputs, entry)].filter((file) => !first.has(file)),
        )
      })
      .sort((a, b) => b.gzip - a.gzip),
  }
}

/** A file of the output, and all files that it imports statically. */
function loadedWith(outputs: Outputs, file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  for (const { path: imported, kind, external } of outputs[file]?.imports ?? []) {
    if (!external && kind !== 'dynamic-import') loadedWith(outputs, imported, found)
  }
  return found
}

function weighed(
  name: string,
  files: readonly string[],
  outputs: Outputs,
  texts: ReadonlyMap<string, string>,
): ChunkSize {
  // The build of an app puts modules that are always loaded together into one file.
  const code = files.map((file) => texts.get(file) ?? '').join('\n')
  const modules = files.flatMap((file) =>
    Object.entries(outputs[file]?.inputs ?? {}).map(([input, { bytesInOutput }]) => ({
      name: moduleName(input),
      bytes: bytesInOutput,
    })),
  )
  return {
    name,
    minified: Buffer.byteLength(code),
    gzip: gzipSync(code, { level: 9 }).byteLength,
    modules: modules.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes),
  }
}

const moduleName = (input: string): string =>
  /(?:y-electric\/dist|node_modules)\/(.+)$/.exec(input)?.[1] ?? input
