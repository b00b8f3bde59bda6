// `npm run bench [-- NAME...] [-- --json]`: measures, prints, and never fails for a slow number.
import os from 'node:os'
import { parseArgs } from 'node:util'
import { formatTable, type Report } from './table.ts'

// Loaded when it runs: all of them together take two seconds of a processor, for `--help` too.
const benches: Readonly<Record<string, () => Promise<Report>>> = {
  latency: async () => (await import('./latency.ts')).benchLatency(),
  burst: async () => (await import('./burst.ts')).benchBurst(),
  session: async () => (await import('./session.ts')).benchSession(),
  join: async () => (await import('./join.ts')).benchJoin(),
  memory: async () => (await import('./memory.ts')).benchMemory(),
  compaction: async () => (await import('./compaction.ts')).benchCompaction(),
  presence: async () => (await import('./presence.ts')).benchPresence(),
  resume: async () => (await import('./resume.ts')).benchResume(),
  inspect: async () => (await import('./inspect.ts')).benchInspect(),
  attacks: async () => (await import('./attacks.ts')).benchAttacks(),
  examine: async () => (await import('./examine.ts')).benchExamine(),
  capacity: async () => (await import('./capacity.ts')).benchCapacity(),
}

const HELP = `npm run bench [-- NAME...] [-- --json]

NAME is one of ${Object.keys(benches).join(', ')}; without one all are run.
--json prints one JSON object on standard output, and everything else on standard error.
ELECTRIC_URL and DATABASE_URL together add that Electric to the backends.`

async function main(): Promise<void> {
  const { values, positionals } = parse()
  if (values.help) {
    console.log(HELP)
    return
  }
  const names = positionals.length > 0 ? positionals : Object.keys(benches)
  const say = values.json ? console.error : console.log
  say(describeMachine())
  const reports: Record<string, Report> = {}
  for (const name of names) {
    const report = await benches[name]?.()
    if (report === undefined) continue
    reports[name] = report
    say(`\n${formatTable(report)}`)
  }
  if (values.json) console.log(JSON.stringify({ machine: describeMachine(), benches: reports }))
}

function parse() {
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
    const unknown = parsed.positionals.find((name) => !Object.hasOwn(benches, name))
    if (unknown !== undefined) throw new Error(`there is no benchmark "${unknown}"`)
    return parsed
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}\n\n${HELP}`)
    process.exit(2)
  }
}

function describeMachine(): string {
  const [cpu] = os.cpus()
  return `Node ${process.version}, ${os.cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}`
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
