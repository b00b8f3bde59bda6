// Tests cannot run docker-compose.yml, so they read it and compare it with the settings of the server.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const root = path.resolve(import.meta.dirname, '../..')

interface Service {
  readonly image?: string
  readonly build?: string
  readonly command?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { condition: string }>>
  readonly healthcheck?: { readonly test: readonly string[] }
}
interface Compose {
  readonly services: Readonly<Record<'postgres' | 'electric' | 'server', Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}

const text = await readFile(path.join(root, 'docker-compose.yml'), 'utf8')
const { services, volumes }: Compose = parse(text, { strict: true, uniqueKeys: true })
const { postgres, electric, server } = services

test('versions are pinned, and Postgres decodes logically', () => {
  for (const { image } of [postgres, electric]) expect(image).toMatch(/^[\w/-]+:\d[\w.-]*$/)
  expect(electric.image).toBe('electricsql/electric:1.7.12')
  expect(postgres.command).toContain('wal_level=logical')
})

test('server and Electric agree on secret and database', () => {
  expect(server.environment.ELECTRIC_SECRET).toBe(electric.environment.ELECTRIC_SECRET)
  const databases = [server, electric].map(({ environment }) => {
    // The default value of the password is replaced, since it is not valid in a URL.
    const url = new URL(environment.DATABASE_URL?.replace(/\$\{[^}]*\}/, 'password') ?? '')
    return `${url.host}${url.pathname}`
  })
  expect(new Set(databases)).toEqual(new Set(['postgres:5432/y_electric']))
  expect(postgres.environment.POSTGRES_DB).toBe('y_electric')
})

test('main reads every setting', async () => {
  const config = await readFile(path.join(root, 'packages/documents/src/config.ts'), 'utf8')
  for (const name of Object.keys(server.environment)) expect(config, name).toContain(name)
})

test('access without authorization must be set explicitly, and the port is open to this machine only', () => {
  expect(server.environment.AUTHORIZE).toMatch(/^\$\{AUTHORIZE:\?.+\}$/)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Docker Compose replaces these.
  expect(server.ports).toEqual(['${BIND:-127.0.0.1}:${PORT:-4000}:4000'])
})

test('each volume is declared and used, and each dependency exists', () => {
  const used = Object.values(services).flatMap(({ volumes = [] }) =>
    volumes.map((mount) => mount.split(':')[0]),
  )
  expect(used.sort()).toEqual(Object.keys(volumes).sort())
  for (const { depends_on: needed = {} } of Object.values(services)) {
    for (const [name, { condition }] of Object.entries(needed)) {
      expect(Object.keys(services)).toContain(name)
      const { healthcheck } = services[name as keyof typeof services]
      if (condition === 'service_healthy') expect(healthcheck).toBeDefined()
    }
  }
})

test('the health check of the server is a valid Node program', () => {
  const [, command, flag, script = ''] = server.healthcheck?.test ?? []
  expect([command, flag]).toEqual(['node', '-e'])
  // No server listens on port 1, so the program exits with its own code and not with a syntax error.
  const ran = spawnSync(process.execPath, ['-e', script.replace('4000', '1')])
  expect(ran.status).toBe(1)
  expect(ran.stderr.toString()).toBe('')
})

test('the Dockerfile copies existing files', async () => {
  const dockerfile = await readFile(path.join(root, 'Dockerfile'), 'utf8')
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = '']) =>
    from.split(' '),
  )
  expect(copied.length).toBeGreaterThan(3)
  for (const file of copied) expect(existsSync(path.join(root, file)), file).toBe(true)
})

const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0
test.runIf(hasCompose)('docker compose accepts the file', () => {
  const ran = spawnSync('docker', ['compose', 'config', '--quiet'], { cwd: root })
  expect(ran.stderr.toString()).toBe('')
  expect(ran.status).toBe(0)
})
