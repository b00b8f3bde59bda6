import { spawn } from 'node:child_process'
import { eventually } from '../e2e/eventually.ts'
import { isDeep } from '../harness/deep.ts'

/** How long a program may take to start, in milliseconds: it only limits one that never answers. */
export const START_MS = isDeep ? 240_000 : 55_000

export interface Program {
  stop(): Promise<void>
}

/** Starts a server program, and waits until its API answers. */
export async function startProgram(
  command: string,
  args: readonly string[],
  { env, url, cwd }: { env: Readonly<Record<string, string>>; url: string; cwd: string },
): Promise<Program> {
  const { NODE_ENV, VITEST, ...own } = process.env
  const child = spawn(command, args, { env: { ...own, ...env }, cwd, stdio: 'pipe' })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  const answers = eventually(async () => (await fetch(`${url}/health`)).ok, START_MS)
  const first = await Promise.race([
    ended.then(() => 'ended'),
    answers.then(() => 'answers', String),
  ])
  if (first === 'answers') return { stop }
  await stop()
  throw new Error(`${command} ${args.join(' ')}: ${first}: ${output}`)
}
