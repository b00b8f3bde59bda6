// Measures the sizes of the code in an app and of the packages, and finds those above their limit.
import { type BundleSize, bundleSize, type ChunkSize } from './bundle.ts'
import { FIRST_CHUNK_BYTES, FIRST_CHUNK_WITH_INDEXEDDB_BYTES, LAZY_BYTES } from './limits.ts'

/** A figure and its limit. */
export interface Limited {
  readonly name: string
  readonly bytes: number
  readonly limit: number
}

export interface Sizes {
  readonly bundle: BundleSize
  /** The first chunk of an app that also keeps documents on the device. */
  readonly withIndexedDb: ChunkSize
  readonly limited: readonly Limited[]
}

const PROVIDER = "export { ElectricProvider } from 'y-electric'"
const WITH_INDEXEDDB = "export { ElectricProvider, indexeddb } from 'y-electric'"

export async function measureBundles(): Promise<Sizes> {
  const [bundle, kept] = await Promise.all([bundleSize(PROVIDER), bundleSize(WITH_INDEXEDDB)])
  const { first, lazy } = bundle
  return {
    bundle,
    withIndexedDb: kept.first,
    limited: [
      { name: 'first chunk', bytes: first.gzip, limit: FIRST_CHUNK_BYTES },
      {
        name: 'first chunk with indexeddb()',
        bytes: kept.first.gzip,
        limit: FIRST_CHUNK_WITH_INDEXEDDB_BYTES,
      },
      // A new lazy module needs a limit of its own.
      ...lazy.map(({ name, gzip }) => ({ name, bytes: gzip, limit: LAZY_BYTES[name] ?? 0 })),
    ],
  }
}

/** Returns a sentence for each figure that is above its limit. */
export const problemsOf = (limited: readonly Limited[]): string[] =>
  limited
    .filter(({ bytes, limit }) => bytes > limit)
    .map(({ name, bytes, limit }) => `${name}: ${bytes} bytes, and the limit is ${limit}`)
