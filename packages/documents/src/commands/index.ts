import type { Command } from './command.ts'
import { compact } from './compact.ts'
import { copy, importCommand, seed } from './contents.ts'
import { deleteCommand } from './delete.ts'
import { exportCommand, inspect } from './inspect.ts'
import { list } from './list.ts'
import { serveCommand } from './serve.ts'
import { verify } from './verify.ts'
import { diff, keep, restore, snapshots } from './versions.ts'

/** Every command, in the order of `--help`. The first runs where none is named. */
export const COMMANDS: readonly Command[] = [
  serveCommand,
  compact,
  list,
  inspect,
  verify,
  seed,
  keep,
  snapshots,
  diff,
  restore,
  deleteCommand,
  copy,
  exportCommand,
  importCommand,
]
