// Finds the mount point of the API of a running server.
import { healthPath } from 'y-electric/protocol'
import { UsageError } from './arguments.ts'

const answerMs = 10_000

/**
 * The mount point of the API at a URL, which may include it or not. `npm start` mounts at `/api`;
 * other apps may mount anywhere.
 */
export async function findMountPoint(url: string): Promise<string> {
  const base = url.replace(/\/+$/, '')
  const findings: string[] = []
  for (const candidate of [`${base}/api`, base]) {
    const finding = await ask(candidate)
    if (finding === undefined) return candidate
    findings.push(finding)
  }
  const telling = findings.find((finding) => finding.startsWith('the server')) ?? findings[0]
  throw new UsageError(`${url} cannot be used: ${telling}`)
}

/** Returns the problem at a URL, or undefined if a healthy server answers. */
async function ask(mountPoint: string): Promise<string | undefined> {
  const found = await fetch(mountPoint + healthPath, {
    signal: AbortSignal.timeout(answerMs),
  }).catch(() => undefined)
  if (found === undefined) return 'no server answers there'
  const body: unknown = await found.json().catch(() => undefined)
  if (typeof body !== 'object' || body === null || !('status' in body)) {
    return 'the server there is not a y-electric server'
  }
  if (found.ok) return undefined
  const parts = Object.entries(body)
    .filter(([name, state]) => name !== 'status' && state !== 'ok')
    .map(([name]) => name)
  return `the server answers, but cannot reach its ${parts.join(' and its ')}`
}
