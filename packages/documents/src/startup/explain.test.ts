import { EmbeddedError } from '@y-electric/embedded'
import { expect, test } from 'vitest'
import { describeUrl, explainDatabase } from './explain.ts'

// test/production/startup.test.ts gets these errors from a real Postgres and a real network.
const URL = 'postgres://me:hush@db.example/notes'

const failure = (code: string, message = 'pg says no') =>
  Object.assign(new Error(message), { code })

test.each([
  ['28P01', 'Postgres at db.example:5432 does not accept the password of user "me"'],
  ['28000', 'refuses user "me" (pg says no): add the role'],
  ['3D000', 'there is no database "notes" at db.example:5432: create it (createdb notes)'],
  ['53300', 'has no connection left'],
  ['57P03', 'is starting or stopping (pg says no)'],
  ['ENOTFOUND', 'the host name of db.example:5432 is not known'],
  ['EAI_AGAIN', 'the host name of db.example:5432 is not known'],
  ['ECONNREFUSED', 'nothing listens at db.example:5432'],
  ['ETIMEDOUT', 'Postgres at db.example:5432 does not answer'],
  ['XX000', 'Postgres at db.example:5432 cannot be used: pg says no'],
])('the error %s of pg names the setting and what to do, and not the password', (code, text) => {
  const { message } = explainDatabase(failure(code), 'DATABASE_URL', URL)
  expect(message).toMatch(/^DATABASE_URL: /)
  expect(message).toContain(text)
  expect(message).not.toContain('hush')
})

test('an error of TLS names the options of the URL', () => {
  const { message } = explainDatabase(
    failure('', 'The server does not support SSL connections'),
    'DATABASE_LISTEN_URL',
    URL,
  )
  expect(message).toContain('DATABASE_LISTEN_URL: no encrypted connection to db.example:5432')
})

test('the cause decides, if our own error or the errors of several addresses contain it', () => {
  const refused = failure('ECONNREFUSED')
  const wrapped = [
    new EmbeddedError('database_unreachable', 'no connection', { cause: refused }),
    new AggregateError([refused, failure('ENETUNREACH')]),
  ]
  for (const error of wrapped) {
    expect(explainDatabase(error, 'DATABASE_URL', URL).message).toContain('nothing listens')
  }
})

test('a URL without host, user or database is described without them', () => {
  expect(describeUrl('postgres:///')).toEqual({
    host: 'the default host',
    user: 'the default user',
    database: 'the default user',
  })
})
