/**
 * The worker `name` beside the module at the address `here`; null in a bundle that gives modules no address, as for
 * Cloudflare Workers. Node cannot run the TypeScript source of a worker: code that runs from source uses the built one.
 * The address is an argument because a bundler would take `new URL('…', import.meta.url)` for an asset, and emit the
 * worker without what it imports.
 */
export function workerFile(here: string | undefined, name: string): URL | null {
  if (here === undefined) return null
  return new URL(here.endsWith('.ts') ? `../../dist/work/${name}` : `./${name}`, here)
}
