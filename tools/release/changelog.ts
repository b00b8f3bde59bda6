/** The heading of the changes that are not released yet. */
const UNRELEASED = '## Unreleased'

/**
 * Returns the changelog with the unreleased changes under this version.
 * @param day the day of the release: `2026-01-31`
 * @throws {Error} if there are no changes, or the changelog already has the version
 */
export function releasedChangelog(text: string, version: string, day: string): string {
  const [before, after, ...others] = text.split(`${UNRELEASED}\n`)
  if (before === undefined || after === undefined || others.length > 0) {
    throw new Error(`CHANGELOG.md should have one section "${UNRELEASED}"`)
  }
  if (text.includes(`\n## ${version} `)) throw new Error(`CHANGELOG.md already has ${version}`)
  const [changes = ''] = after.split(/^## /m)
  if (changes.trim() === '') throw new Error('CHANGELOG.md has no unreleased changes')
  return `${before}${UNRELEASED}\n\n## ${version} (${day})\n${after}`
}

/**
 * True if `next` is a later version than `current`. A change that breaks apps raises the second number while
 * the first is 0, and the first number after that.
 */
export function mayFollow(current: string, next: string): boolean {
  const [old, young] = [current, next].map((version) => {
    const numbers = /^(\d+)\.(\d+)\.(\d+)$/.exec(version)?.slice(1).map(Number)
    if (numbers === undefined) throw new Error(`a version is three numbers, not ${version}`)
    return numbers
  }) as [number[], number[]]
  const first = young.findIndex((number, index) => number !== old[index])
  return first !== -1 && (young[first] ?? 0) > (old[first] ?? 0)
}
