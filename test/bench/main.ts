// `npm run bench [-- NAME...] [-- --json]`: measures, prints, and never fails for a slow number.
import os from 'node:os'
import { parseArgs } from 'node:util'
import { benchAttacks } from './attacks.ts'
import { benchBurst } from './burst.ts'
import { benchCompaction } from './compaction.ts'
import { benchExamine } from './examine.ts'
import { benchInspect } from './inspect.ts'
import { benchJoin } from './join.ts'
import { benchLatency } from './latency.ts'
import { benchMemory } from './memory.ts'
import { benchPresence } from './presence.ts'
import { benchResume } from './resume.ts'
import { benchSession } from './session.ts'
import { formatTable, type Report } from './table.ts'

const benches: Readonly<Record<string, () => Promise<Report>>> = {
  latency: benchLatency,
  burst: benchBurst,
  session: benchSession,
  join: benchJoin,
  memory: benchMemory,
  compaction: benchCompaction,
  presence: benchPresence,
  resume: benchResume,
  inspect: benchInspect,
  attacks: benchAttacks,
  examine: benchExamine,
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
