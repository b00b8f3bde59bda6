import path from 'node:path'

const artifacts = path.resolve(import.meta.dirname, '../../.artifacts')

/** A path below `.artifacts/`, which git ignores. */
export const artifactPath = (name: string): string => path.join(artifacts, name)
