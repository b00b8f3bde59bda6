// `npm run bench:against -- COMMIT NAME...`: runs the benchmarks of this checkout and of another commit in
// alternating rounds, and prints the ratios. The other commit runs its own benchmarks with its own dependencies.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { formatTable, type Report } from '../table.ts'
import { compareReports, type Ratio } from './ratios.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const DEFAULT_ROUNDS = 3

const HELP = `npm run bench:against -- COMMIT NAME... [--rounds N] [--json]

Checks COMMIT out into .artifacts/against, installs and builds it there, and runs the benchmarks NAME... of both checkouts in turn (--rounds, default ${DEFAULT_ROUNDS}). Prints medians and ratios after each benchmark; below 1 the newer number is smaller.
--json prints one JSON object on standard output, and everything else on standard error.`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: String(DEFAULT_ROUNDS) },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [commit, ...names] = positionals
  const rounds = Number(values.rounds)
  if (values.help || commit === undefined || names.length === 0 || !(rounds >= 1)) {
    console.error(HELP)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const say = values.json ? console.error : console.log
  const folder = await checkOut(commit, say)
  const ratios: Ratio[] = []
  for (const name of names) {
    const [before, after]: [Report[], Report[]] = [[], []]
    for (let round = 1; round <= rounds; round++) {
      say(`${name}: round ${round} of ${rounds}`)
      // The order alternates, so that a machine that slows down favours neither version.
      const turns = round % 2 === 1 ? [before, after] : [after, before]
      for (const reports of turns) {
        reports.push(await runBench(reports === before ? folder : root, name))
      }
    }
    const compared = compareReports(name, before, after)
    ratios.push(...compared)
    const rows = compared.map((ratio) => ({ ...ratio }))
    const notes = ['ratio: after divided by before; medians over the rounds.']
    const title = `${name}: ${commit} and this checkout, ${rounds} rounds`
    // At once: all benchmarks together take long, and a run may be stopped.
    say(`\n${formatTable({ title, rows, notes })}`)
  }
  if (values.json) console.log(JSON.stringify({ commit, rounds, ratios }))
}

/** Returns a built checkout of the commit. */
async function checkOut(commit: string, say: (line: string) => void): Promise<string> {
  const sha = (await output('git', ['rev-parse', '--verify', `${commit}^{commit}`], root)).trim()
  const folder = path.join(root, '.artifacts/against', sha)
  await shareRecordings(path.dirname(folder))
  if (!existsSync(folder)) {
    await output('git', ['worktree', 'add', '--detach', '--force', folder, sha], root)
  }
  say(`installing and building ${sha} in ${path.relative(root, folder)}`)
  await output('npm', ['run', '--silent', 'setup'], folder)
  await output('npm', ['run', '--silent', 'build'], folder)
  return folder
}

/** Links `../shared`, so that both checkouts use the same recordings, or both have none. */
async function shareRecordings(beside: string): Promise<void> {
  const link = path.join(beside, 'shared')
  await mkdir(beside, { recursive: true })
  await rm(link, { force: true })
  const shared = path.join(root, '../shared')
  if (existsSync(shared)) await symlink(shared, link)
}

interface BenchOutput {
  readonly benches: Readonly<Record<string, Report>>
}

async function runBench(folder: string, name: string): Promise<Report> {
  const printed = await output('npm', ['run', '--silent', 'bench', '--', name, '--json'], folder)
  const last = printed.trim().split('\n').at(-1) ?? ''
  const report = (JSON.parse(last) as BenchOutput).benches[name]
  if (report === undefined) throw new Error(`the benchmark "${name}" reported nothing in ${folder}`)
  return report
}

/** The standard output of a program that must succeed. */
function output(program: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, problems] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    problems += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(out)
      else
        reject(new Error(`${program} ${args.join(' ')} ended with ${code} in ${cwd}\n${problems}`))
    })
  })
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
