// `npm test`, after install and build: the linters, the types, then all tests. Each check counts
// like a test; the last line is `N passed, N failed`.
//
//   node test/run.mjs [--deep] [arguments of Vitest: a file name, --project unit, -t name …]
import { spawn } from 'node:child_process'
import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { summarise, tallyVitest } from './harness/tally.mjs'

const root = path.resolve(import.meta.dirname, '..')
const artifacts = path.join(root, '.artifacts')
const reportFile = path.join(artifacts, 'vitest.json')
const backendsFile = path.join(artifacts, 'backends.txt')
const figuresFile = path.join(artifacts, 'figures.txt')

const isDeep = process.argv.includes('--deep')
const vitestArguments = process.argv.slice(2).filter((argument) => argument !== '--deep')

/**
 * The configuration of `test` includes every workspace but the editor, with the options of each: one
 * program reads what they share once, and takes half of the time of seven.
 */
const typedBy = ['--filter=@y-electric/test', '--filter=@y-electric/editor']

const checks = [
  { name: 'format and lint', command: ['biome', 'check', '.'] },
  {
    name: 'arrows and cycles',
    command: [
      'depcruise',
      '--config',
      '.dependency-cruiser.mjs',
      'packages',
      'apps',
      'test',
      'tools',
    ],
  },
  {
    name: 'types',
    command: ['turbo', 'run', 'types', ...typedBy, '--output-logs=errors-only'],
    env: { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
  },
]

const tally = { passed: 0, failed: 0, skipped: 0 }
const timings = []

await mkdir(artifacts, { recursive: true })
// The checks run one after the other, beside the tests, whose first files wait more than they compute.
const checked = runChecks()
await runTests()
await checked
await printFigures()
await printBackends()
console.log(`Seconds: ${timings.join(', ')}`)
process.exitCode = tally.failed > 0 ? 1 : 0
console.log(summarise(tally))

async function runChecks() {
  for (const check of checks) await runCheck(check)
}

async function runCheck({ name, command, env }) {
  const { exitCode, output, seconds } = await run(command, { isQuiet: true, env })
  const passed = exitCode === 0
  if (passed) tally.passed++
  else tally.failed++
  console.log(`${passed ? '✓' : '✗'} ${name} (${seconds} s)`)
  if (!passed) console.log(output)
  timings.push(`${name} ${seconds}`)
}

async function runTests() {
  // The report must not contain results of an earlier run.
  await Promise.all(
    [reportFile, backendsFile, figuresFile].map((file) => rm(file, { force: true })),
  )
  const { exitCode, seconds } = await run(
    [
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
      // Only the output of failed tests is shown, since it helps to find the cause.
      '--silent=passed-only',
      ...vitestArguments,
    ],
    {
      isQuiet: false,
      env: {
        Y_ELECTRIC_BACKENDS: backendsFile,
        Y_ELECTRIC_FIGURES: figuresFile,
        ...(isDeep ? { Y_ELECTRIC_DEEP: '1' } : {}),
      },
    },
  )
  const counted = tallyVitest(await readReport(), exitCode)
  for (const outcome of Object.keys(tally)) tally[outcome] += counted[outcome]
  timings.push(`tests ${seconds}`)
}

async function readReport() {
  try {
    return JSON.parse(await readFile(reportFile, 'utf8'))
  } catch {
    return undefined
  }
}

/** Prints the figures that tests noted in a file, one line each: name, tab, value. */
async function printFigures() {
  const notes = await readFile(figuresFile, 'utf8').catch(() => '')
  const rows = notes
    .split('\n')
    .filter((line) => line !== '')
    .sort()
  const width = Math.max(0, ...rows.map((row) => row.indexOf('\t')))
  for (const row of rows) {
    const [name, value] = row.split('\t')
    console.log(`${name.padEnd(width)}  ${value}`)
  }
}

async function printBackends() {
  const notes = await readFile(backendsFile, 'utf8').catch(() => '')
  const used = [...new Set(notes.split('\n').filter((line) => line !== ''))].sort()
  const electric = process.env.ELECTRIC_URL
  console.log(`Databases: ${used.join(', ') || 'none'}`)
  console.log(
    electric ? `Electric: ${withoutSecrets(electric)}` : 'Electric: none (ELECTRIC_URL is not set)',
  )
}

function withoutSecrets(url) {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

/** Runs a tool of this repository. The output of a quiet tool is returned instead of printed. */
function run([tool, ...parameters], { isQuiet, env = {} }) {
  const began = performance.now()
  return new Promise((resolve) => {
    const child = spawn(path.join(root, 'node_modules/.bin', tool), parameters, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: isQuiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    })
    const chunks = []
    child.stdout?.on('data', (chunk) => chunks.push(chunk))
    child.stderr?.on('data', (chunk) => chunks.push(chunk))
    const finish = (exitCode) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      resolve({ exitCode, seconds, output: Buffer.concat(chunks).toString('utf8').trim() })
    }
    child.once('error', (error) => {
      chunks.push(Buffer.from(String(error)))
      finish(1)
    })
    child.once('close', finish)
  })
}
