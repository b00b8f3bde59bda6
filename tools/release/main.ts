// npm run release -- --version X [--dry-run]
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { formatTable } from '../bench/table.ts'
import { mayFollow, releasedChangelog } from './changelog.ts'
import { undecided } from './manifest.ts'
import { currentVersion, PACKAGES, pack, readOwner, root, stage } from './stage.ts'

const USAGE = `Packs all packages as one version, and publishes them.

  npm run release -- --version 0.2.0 --dry-run   packs into .artifacts/release, and changes nothing else
  npm run release -- --version 0.2.0             writes the version and the changelog, and publishes

While the first number is 0, a version that breaks apps raises the second number. Without --version, a dry run
packs the current version. Run the tests before. Afterwards commit the changes, and tag the commit.`

const run = promisify(execFile)
const target = path.join(root, '.artifacts/release')

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      version: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const isDry = values['dry-run']
  if (values.help || (values.version === undefined && !isDry)) {
    console.log(USAGE)
    return values.help ? 0 : 2
  }
  const current = await currentVersion()
  const version = values.version ?? current
  const problems = undecided(await readOwner())
  if (version !== current && !mayFollow(current, version)) {
    problems.push(`${version} does not follow ${current}`)
  }
  const { stdout: changes } = await run('git', ['status', '--porcelain'], { cwd: root })
  if (changes !== '' && !isDry) problems.push('there are changes that are not committed')
  for (const problem of problems) console.error(isDry ? `Before a release: ${problem}` : problem)
  if (problems.length > 0 && !isDry) return 1

  const day = new Date().toISOString().slice(0, 10)
  const file = path.join(root, 'CHANGELOG.md')
  const changelog = releasedChangelog(await readFile(file, 'utf8'), version, day)
  if (!isDry) {
    await writeFile(file, changelog)
    await writeVersion(current, version)
  }
  const folders = await stage(target, version)
  const packed = await Promise.all(
    folders.map(async (folder) => {
      await writeFile(path.join(folder, 'CHANGELOG.md'), changelog)
      return pack(folder, ['--pack-destination', target])
    }),
  )
  console.log(
    formatTable({
      title: isDry ? 'A release would publish' : 'Published',
      rows: packed.map(({ name, filename, files, size }) => ({
        package: `${name}@${version}`,
        file: filename,
        files: files.length,
        bytes: size,
      })),
      notes: [`in ${path.relative(root, target)}`],
    }),
  )
  if (!isDry)
    for (const { filename } of packed) await run('npm', ['publish', path.join(target, filename)])
  return 0
}

/** Writes the version into every package.json of the workspaces, and into the lock file. */
async function writeVersion(current: string, version: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', 'package.json', '*/package.json'], { cwd: root })
  for (const name of stdout.split('\n').filter((line) => line !== '')) {
    const file = path.join(root, name)
    const text = await readFile(file, 'utf8')
    await writeFile(file, withVersion(text, current, version))
  }
  await run('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd: root })
}

/** The version of our packages is in their own `version`, and in dependencies on them. */
function withVersion(text: string, current: string, version: string): string {
  const names = PACKAGES.map((folder) => folder.replace('-', '\\-')).join('|')
  const ours = new RegExp(
    `("(?:version|y-electric|@y-electric/(?:${names}))": )"${current.replaceAll('.', '\\.')}"`,
    'g',
  )
  return text.replace(ours, `$1"${version}"`)
}

process.exitCode = await main()
