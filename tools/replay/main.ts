// `npm run replay`: a recorded editing history through real providers, over HTTP. See `--help`.
import { runCommand } from './command.ts'

// Ending by a signal skips what `finally` would clean up, except for what listens to `exit`.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

process.exit(await runCommand(process.argv.slice(2), process))
