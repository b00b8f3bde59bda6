import { builtinIfAny } from '../node.ts'

const known = new Map<string, boolean>()

/**
 * Whether workers can run this module: the runtime has threads, and the file is there. A bundler copies the code that
 * starts a worker, but not the file that the worker runs; the operator is warned once.
 */
export function canStart(module: URL | null): module is URL {
  const address = module?.href ?? ''
  const before = known.get(address)
  if (before !== undefined) return before
  const reason = obstacle(module)
  known.set(address, reason === null)
  if (reason !== null) {
    console.warn(
      `y-electric: ${reason}, so large documents are checked on the event loop, without limits of time and memory`,
    )
  }
  return reason === null
}

function obstacle(module: URL | null): string | null {
  if (builtinIfAny('node:worker_threads')?.Worker === undefined) {
    return 'this runtime has no worker threads'
  }
  if (module === null) return 'this bundle has no files for worker threads'
  const isThere =
    module.protocol !== 'file:' || builtinIfAny('node:fs')?.existsSync(module) !== false
  return isThere
    ? null
    : `there is no ${module.pathname} (a bundler left it out: name @y-electric/server and @y-electric/documents as external)`
}
