// The command that serves, in this process: its settings, and what it prints at its start.
import { describe, expect, test } from 'vitest'
import type { Io } from './command.ts'
import { usePgliteBackend } from './testing/backend.ts'
import { run as runWith } from './testing/run.ts'

const opened = usePgliteBackend()

const run = (argv: readonly string[], given: Partial<Io>) =>
  runWith(argv, {}, { openBackend: async () => opened.backend, ...given })

describe('serve prints at its start why everybody may read and write', () => {
  const start = async (env: Record<string, string>) => {
    const { code, out, err } = await run(['serve'], { env: { PORT: '0', ...env } })
    expect([code, err]).toEqual([0, ''])
    return out.split('\n').find((line) => line.includes('everybody'))
  }

  test.each([
    [{ AUTHORIZE: 'allow-all' }, '(AUTHORIZE=allow-all)'],
    [{ AUTHORIZE: 'allow-all', NODE_ENV: 'production' }, '(AUTHORIZE=allow-all)'],
    [{}, '(no AUTHORIZE is set)'],
    [{ AUTHORIZE: '' }, '(no AUTHORIZE is set)'],
  ])('with %j', async (env, reason) => {
    const line = await start(env)
    expect(line?.trim()).toBe(`everybody may read and write every document ${reason}`)
  })

  test('with a module as AUTHORIZE, serve prints no such line', async () => {
    const AUTHORIZE = `${import.meta.dirname}/testing/forbid.mjs`
    expect(await start({ AUTHORIZE })).toBeUndefined()
  })
})

describe('serve refuses a wrong setting, in one line and with exit code 2', () => {
  test.each([
    [{ ELECTRIC_URL: 'http://127.0.0.1:1' }, 'ELECTRIC_URL is set but DATABASE_URL is not'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL must be a URL that starts with postgres:'],
    [{ NODE_ENV: 'production', AUTHORIZE: '' }, 'AUTHORIZE is not set'],
    [{ PUBLIC_CACHE: 'maybe' }, 'PUBLIC_CACHE must be 1 or 0'],
    [{ CORS_ORIGINS: 'app.example.com' }, 'CORS_ORIGINS must be'],
    [{ CORS_ORIGINS: 'https://app.example.com/' }, 'CORS_ORIGINS must be'],
    [{ CORS_ORIGINS: 'https://A.example' }, 'CORS_ORIGINS must be'],
    [{ AGENT_ORIGINS: 'https://llm.example.com/v1' }, 'AGENT_ORIGINS must be'],
    [{ AGENT_ORIGINS: '*' }, 'AGENT_ORIGINS must be'],
    [
      { AGENT_ORIGINS: "https://llm.example.com; script-src 'unsafe-inline'" },
      'AGENT_ORIGINS must be',
    ],
    [{ ALLOWED_HOSTS: 'https://notes.example.com' }, 'is not a host name'],
    [{ ALLOWED_HOSTS: 'notes.example.com:80' }, 'is not a host name'],
    [{ ALLOWED_HOSTS: '*.example.com' }, 'is not a host name'],
  ])('as in %j', async (env, message) => {
    const ran = await run(['serve'], { env: { PORT: '0', AUTHORIZE: 'allow-all', ...env } })
    expect([ran.code, ran.out]).toEqual([2, ''])
    expect(ran.err).toMatch(/^y-electric: /)
    expect(ran.err).toContain(message)
    expect(ran.err.split('\n')).toHaveLength(1)
  })
})

test('serve listens for signals before it prints its address, so that no signal is missed', async () => {
  const steps: string[] = []
  const { code } = await run(['serve'], {
    env: { PORT: '0', AUTHORIZE: 'allow-all' },
    untilStopped: async () => void steps.push('waits'),
    write: (chunk) => void steps.push(String(chunk).slice(0, 10)),
  })
  expect([code, ...steps]).toEqual([0, 'waits', 'y-electric'])
})
