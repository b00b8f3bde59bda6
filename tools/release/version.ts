/**
 * The text of a package.json with the next version. Our packages are named in their own `version`, as dependencies of
 * each other, and with a caret as those of an example.
 */
export function withVersion(
  text: string,
  about: { current: string; version: string; packages: readonly string[] },
): string {
  const { current, version, packages } = about
  const names = packages.map((folder) => folder.replace('-', '\\-')).join('|')
  const ours = new RegExp(
    `("(?:version|y-electric|@y-electric/(?:${names}))": "\\^?)${current.replaceAll('.', '\\.')}"`,
    'g',
  )
  return text.replace(ours, (_, start) => `${start}${version}"`)
}
