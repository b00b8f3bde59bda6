// Creates the package.json of a package for npm. It combines the one in the repository with the members that
// all packages share, which are in the package.json of the root.

type Json = Record<string, unknown>

/** The decisions of the owner, in the package.json of the root. */
export interface Owner {
  /** An SPDX expression. `UNLICENSED` until the owner has chosen one. */
  readonly license?: string
  /** The address of the repository. */
  readonly repository?: string
  readonly author?: string
}

/** The condition of `exports` that loads sources; only this repository uses it. */
const SOURCE_CONDITION = 'y-electric-source'

/** The members that only this repository uses. */
const INTERNAL = ['scripts', 'devDependencies', 'private']

/**
 * @param folder its folder in the repository, such as `packages/server`
 * @param names the names of all packages, which have the same version
 */
export function publishedManifest(
  manifest: Json,
  about: { owner: Owner; version: string; folder: string; names: readonly string[] },
): Json {
  const { owner, version, folder, names } = about
  const { license, repository, author } = owner
  const kept = Object.entries(manifest).filter(([name]) => !INTERNAL.includes(name))
  return {
    ...Object.fromEntries(kept),
    version,
    ...(license && { license }),
    ...(author && { author }),
    ...(repository && {
      repository: { type: 'git', url: `git+${repository}.git`, directory: folder },
      homepage: `${repository}#readme`,
      bugs: `${repository}/issues`,
    }),
    files: [...(manifest.files as string[]), 'CHANGELOG.md'],
    // A package that has only a command exports nothing.
    ...(manifest.exports !== undefined && { exports: withoutSources(manifest.exports as Json) }),
    dependencies: withVersion(manifest.dependencies as Json, names, version),
    peerDependencies: withVersion(manifest.peerDependencies as Json, names, version),
    publishConfig: { access: 'public' },
  }
}

/** A sentence for each decision of the owner that is missing. */
export function undecided({ license, repository }: Owner): string[] {
  const problems: string[] = []
  if (license === undefined || license === 'UNLICENSED') {
    problems.push('`license` in the package.json of the root is not chosen yet')
  }
  if (repository === undefined)
    problems.push('`repository` in the package.json of the root is missing')
  return problems
}

const withoutSources = (exports: Json): Json =>
  Object.fromEntries(
    Object.entries(exports).map(([entry, conditions]) => {
      const { [SOURCE_CONDITION]: _, ...others } = conditions as Json
      return [entry, others]
    }),
  )

const withVersion = (dependencies: Json = {}, names: readonly string[], version: string): Json =>
  Object.fromEntries(
    Object.entries(dependencies).map(([name, range]) => [
      name,
      names.includes(name) ? version : range,
    ]),
  )
