// `npm run bench [-- NAME...] [-- --json]`: measures and prints. A slow number is never a failure.
import os from 'node:os'
import { parseArgs } from 'node:util'
import type { AttacksOptions } from './attacks.ts'
import type { FanoutOptions } from './fanout.ts'
import type { PeersOptions } from './peers.ts'
import { formatTable, type Report } from './table.ts'
import { UsageError } from './usage-error.ts'

type Options = AttacksOptions & FanoutOptions & Omit<PeersOptions, 'rounds'>

// Each benchmark is loaded when it runs. Loading all of them would take two seconds of processor time, even
// for `--help`.
const benches: Readonly<Record<string, (options: Options) => Promise<Report>>> = {
  latency: async () => (await import('./latency.ts')).benchLatency(),
  burst: async () => (await import('./burst.ts')).benchBurst(),
  session: async () => (await import('./session.ts')).benchSession(),
  join: async () => (await import('./join.ts')).benchJoin(),
  memory: async () => (await import('./memory.ts')).benchMemory(),
  compaction: async () => (await import('./compaction.ts')).benchCompaction(),
  presence: async () => (await import('./presence.ts')).benchPresence(),
  resume: async () => (await import('./resume.ts')).benchResume(),
  inspect: async () => (await import('./inspect.ts')).benchInspect(),
  attacks: async (options) => (await import('./attacks.ts')).benchAttacks(options),
  examine: async () => (await import('./examine.ts')).benchExamine(),
  capacity: async () => (await import('./capacity.ts')).benchCapacity(),
  fanout: async (options) => (await import('./fanout.ts')).benchFanout(options),
  stores: async ({ rounds = DEFAULT_STORE_ROUNDS }) => {
    const { benchStores, DEFAULT_STORES } = await import('./stores.ts')
    return benchStores({ ...DEFAULT_STORES, rounds })
  },
  peers: async (options) =>
    (await import('./peers.ts')).benchPeers({
      ...options,
      rounds: options.rounds ?? DEFAULT_PEER_ROUNDS,
    }),
}

/** A run without names omits this benchmark, because it installs other providers from npm. */
const ONLY_BY_NAME = 'peers'

const DEFAULT_READERS = 200
const DEFAULT_ATTACK_ROUNDS = 1
const DEFAULT_PEER_ROUNDS = 5
const DEFAULT_STORE_ROUNDS = 3

const HELP = `npm run bench [-- NAME...] [-- --json] [-- --only NAME] [-- --seconds N] [-- --rounds N] [-- --readers N]
    [-- --profile FOLDER] [-- --trace FILE]

NAME is one of ${Object.keys(benches).join(', ')}. Without a name all but "${ONLY_BY_NAME}" run.
--json prints one JSON object on standard output, and everything else on standard error.
--only NAME runs one of the attacks of "attacks" ("hung-up-readers"), or one row of "peers" ("paced"). It may be
repeated.
--seconds N is the time for which "attacks" measures without each attack, during it, and beside the control.
--rounds N is the number of rounds of "attacks" (default ${DEFAULT_ATTACK_ROUNDS}), of "stores" (default ${DEFAULT_STORE_ROUNDS}), and of each row and
contender of "peers" (default ${DEFAULT_PEER_ROUNDS}): use several on a busy machine.
--readers N is the number of readers of "fanout" (default ${DEFAULT_READERS}).
--profile FOLDER writes a processor profile of each server of "fanout".
--trace FILE is the recording of the row "session" of "peers", in a format of test/data/histories.
"peers" installs Hocuspocus, y-websocket and upstream's y-electric in tools/peers. Upstream needs an Electric.
ELECTRIC_URL and DATABASE_URL together add that Electric to the backends.`

async function main(): Promise<void> {
  const { values, positionals, seconds, rounds, readers } = parse()
  if (values.help) {
    console.log(HELP)
    return
  }
  const names =
    positionals.length > 0
      ? positionals
      : Object.keys(benches).filter((name) => name !== ONLY_BY_NAME)
  const say = values.json ? console.error : console.log
  say(describeMachine())
  const reports: Record<string, Report> = {}
  for (const name of names) {
    const report = await benches[name]?.({
      only: values.only,
      seconds,
      rounds,
      say,
      readers,
      profile: values.profile,
      trace: values.trace,
    })
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
      options: {
        json: { type: 'boolean' },
        only: { type: 'string', multiple: true },
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        readers: { type: 'string', default: String(DEFAULT_READERS) },
        profile: { type: 'string' },
        trace: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    const unknown = parsed.positionals.find((name) => !Object.hasOwn(benches, name))
    if (unknown !== undefined) throw new Error(`there is no benchmark "${unknown}"`)
    const { readers, rounds, seconds } = parsed.values
    return {
      ...parsed,
      seconds: parseSeconds(seconds),
      readers: parseCount('--readers', readers),
      rounds: rounds === undefined ? undefined : parseCount('--rounds', rounds),
    }
  } catch (error) {
    return endWithHelp(error)
  }
}

function parseCount(option: string, given: string): number {
  const count = Number(given)
  if (Number.isInteger(count) && count >= 1) return count
  throw new Error(`${option} must be a whole number from 1`)
}

function parseSeconds(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const seconds = Number(given)
  if (seconds > 0 && Number.isFinite(seconds)) return seconds
  throw new Error('--seconds must be a number above 0')
}

function endWithHelp(error: unknown): never {
  console.error(`bench: ${error instanceof Error ? error.message : error}\n\n${HELP}`)
  process.exit(2)
}

function describeMachine(): string {
  const [cpu] = os.cpus()
  return `Node ${process.version}, ${os.cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}`
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof UsageError) endWithHelp(error)
    console.error(error)
    process.exit(1)
  },
)
