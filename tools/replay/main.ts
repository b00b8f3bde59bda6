// `npm run replay`: replays a recorded editing history through real providers over HTTP. See `--help`.
import { runCommand } from './command.ts'

// A signal ends the process without running `finally` blocks; listeners of `exit` still clean up.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

process.exit(await runCommand(process.argv.slice(2), process))
