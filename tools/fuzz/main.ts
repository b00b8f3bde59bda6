// `npm run fuzz`: runs hostile inputs on one target after the other. See `--help`.
import { HELP, readArguments, UsageError } from './arguments.ts'
import { fuzzTarget } from './fuzz-target.ts'
import { formatReport, formatTotals, type TargetReport, totalsOf, verdictOf } from './report.ts'

const exitCodes = { clean: 0, found: 1, misused: 2 } as const

async function main(): Promise<number> {
  const fuzz = readArguments(process.argv.slice(2))
  if (fuzz === null) {
    console.log(HELP)
    return exitCodes.clean
  }
  const say = fuzz.json ? console.error : console.log
  const reports: TargetReport[] = []
  for (const target of fuzz.targets) {
    const report = await fuzzTarget(target, fuzz, say)
    reports.push(report)
    say(formatReport(report))
  }
  const totals = totalsOf(reports)
  if (reports.length > 1) say(formatTotals(totals))
  if (fuzz.json)
    console.log(
      JSON.stringify({
        seed: fuzz.seed,
        ...totals,
        targets: reports.map((report) => ({ ...report, ...verdictOf(report) })),
      }),
    )
  return totals.findings > 0 ? exitCodes.found : exitCodes.clean
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof UsageError ? `fuzz: ${error.message}\n\n${HELP}` : error)
    process.exit(error instanceof UsageError ? exitCodes.misused : exitCodes.found)
  },
)
