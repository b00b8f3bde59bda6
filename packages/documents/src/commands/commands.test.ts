// Every command, in this process, over one database: the output for people and for programs.
import { listDocuments } from '@y-electric/server'
import { beforeEach, describe, expect, test } from 'vitest'
import { documentStats, inspectDocument } from '../documents/index.ts'
import type { Io } from './command.ts'
import { usePgliteBackend } from './testing/backend.ts'
import { type Files, run as runWith } from './testing/run.ts'

const opened = usePgliteBackend()

let files: Files = {}
beforeEach(() => {
  files = {}
})

const run = (argv: readonly string[], given: Partial<Io> = {}) =>
  runWith(argv, files, { openBackend: async () => opened.backend, ...given })

/** The output of `--json`, which must be one value. */
async function json(...argv: string[]): Promise<{ code: number; value: unknown }> {
  const { code, out, err } = await run([...argv, '--json'])
  expect(err).toBe('')
  return { code, value: JSON.parse(out) }
}

async function succeed(...argv: string[]): Promise<string> {
  const { code, out, err } = await run(argv)
  expect([code, err]).toEqual([0, ''])
  return out
}

let count = 0
/** Seeds a document with this text. @returns its id */
async function seeded(markdown = '# Title\n\nSome words'): Promise<string> {
  const id = `doc-${count++}`
  files['seed.md'] = markdown
  await succeed('seed', id, 'seed.md')
  return id
}

describe('a document from the command line', () => {
  test('is seeded once, listed and inspected', async () => {
    const id = await seeded('# Title\n\nSome **bold** words')
    const again = await run(['seed', id, 'seed.md'])
    expect([again.code, again.out]).toEqual([0, `${id}: was already written: nothing was done\n`])
    expect((await json('seed', id, 'seed.md')).value).toEqual({
      seeded: false,
      seq: null,
      losses: [],
    })

    const listed = await succeed('list', '--prefix', id)
    expect(listed).toMatch(new RegExp(`^DOCUMENT +ROWS +SNAPSHOTS +SIZE +CHANGED\n${id} +1 +0 `))
    expect(listed).toMatch(/\d+ B +just now\n\n1 document\n$/)
    expect((await json('list', '--prefix', id)).value).toEqual(
      await listDocuments(opened.backend.pool, { prefix: id }),
    )

    expect(await succeed('inspect', id, '--format', 'markdown')).toBe(
      '# Title\n\nSome **bold** words\n',
    )
    const stats = await succeed('inspect', id)
    expect(stats).toMatch(new RegExp(`^document +${id}\nupdate rows +1 \\(\\d+ B\\)$`, 'm'))
    expect(stats).toMatch(/^SHARED TYPE +KIND +SIZE +CHARACTERS\ndefault +xml /m)
    expect((await json('inspect', id)).value).toEqual(await documentStats(opened.backend.pool, id))
  })

  test('is printed as JSON with --json, in any format', async () => {
    const id = await seeded()
    const read = async (format: 'json' | 'html' | 'update') =>
      (await inspectDocument(opened.backend.pool, id, { format })).body
    const inspect = async (format: string) => (await json('inspect', id, '--format', format)).value
    expect(await inspect('json')).toEqual(JSON.parse(String(await read('json'))))
    expect(await inspect('html')).toMatchObject({ encoding: 'utf-8', body: await read('html') })
    expect(await inspect('update')).toMatchObject({
      encoding: 'base64',
      body: Buffer.from(await read('update')).toString('base64'),
    })
  })

  test('has the losses of a format on standard error and in the JSON', async () => {
    const id = await seeded('a')
    files['link.html'] = '<p><a href="javascript:alert(1)">go</a></p>'
    const made = await run(['import', `${id}-in`, 'link.html'])
    expect([made.code, made.err]).toEqual([
      0,
      'not everything was kept by html: 1 × address a.href',
    ])
    expect((await json('import', `${id}-json`, 'link.html')).value).toMatchObject({
      losses: [{ kind: 'address', name: 'a.href', count: 1 }],
    })

    const href = { type: 'link', attrs: { href: 'javascript:alert(1)' } }
    files['link.txt'] = JSON.stringify({
      type: 'doc',
      content: [{ type: 'paragraph', content: [{ type: 'text', text: 'go', marks: [href] }] }],
    })
    await succeed('import', `${id}-out`, 'link.txt', '--format', 'prosemirror')
    const losses = [{ kind: 'address', name: 'link.href', count: 1 }]
    const warning = 'not everything was kept by markdown: 1 × address link.href'
    const shown = await run(['inspect', `${id}-out`, '--format', 'markdown'])
    expect([shown.code, shown.out, shown.err]).toEqual([0, 'go\n', warning])
    const written = await run(['export', `${id}-out`, '--out', 'go.md'])
    expect([written.code, written.err]).toEqual([0, warning])
    const inJson = ['inspect', `${id}-out`, '--format', 'markdown']
    expect((await json(...inJson)).value).toMatchObject({ body: 'go\n', losses })
    expect((await json('export', `${id}-out`, '--out', 'go.md')).value).toMatchObject({ losses })
  })

  test('is written as bytes into a pipe, but not to a terminal', async () => {
    const id = await seeded()
    const { body } = await inspectDocument(opened.backend.pool, id, { format: 'update' })
    const piped = await run(['inspect', id, '--format', 'update'])
    expect(piped.bytes).toEqual(Buffer.from(body))
    const shown = await run(['inspect', id, '--format', 'update'], { hasTerminal: true })
    expect([shown.code, shown.out]).toEqual([2, ''])
  })

  test('is printed to a terminal without control characters, and to a pipe unchanged', async () => {
    const id = await seeded('red \u001b[31m')
    expect(await succeed('inspect', id, '--format', 'text')).toContain('\u001b[31m')
    const { out } = await run(['inspect', id, '--format', 'text'], { hasTerminal: true })
    expect(out).toContain('red \ufffd[31m')
    expect(out).not.toContain('\u001b')
  })

  test('is exported and imported in the format of the file ending', async () => {
    const id = await seeded()
    for (const [file, format] of [
      ['a.md', 'markdown'],
      ['a.JSON', 'json'],
      ['a.yjs', 'update'],
      ['a.yjs2', 'update-v2'],
      ['a.htm', 'html'],
    ] as const) {
      const copyId = `${id}-${format}`
      expect(await succeed('export', id, '--out', file)).toContain(`of ${format} in ${file}`)
      expect(await succeed('import', copyId, file)).toContain(`of ${format}`)
      const [one, other] = [
        await run(['inspect', copyId, '--format', 'text']),
        await run(['inspect', id, '--format', 'text']),
      ]
      expect(one.out).toBe(other.out)
      expect(one.err).toBe(
        'not everything was kept by text: 1 × structure heading, 1 × attribute heading.level',
      )
    }
    expect((await json('export', id, '--out', 'b.md')).value).toMatchObject({
      docId: id,
      format: 'markdown',
      file: 'b.md',
    })
    const both = await run(['export', id, '--out', '-', '--format', 'text', '--json'])
    expect([both.code, JSON.parse(both.out)]).toMatchObject([2, { error: { code: 'usage' } }])
    files['-'] = 'piped'
    await succeed('import', `${id}-piped`, '-', '--format', 'text')
    expect(await succeed('export', `${id}-piped`, '--out', '-', '--format', 'text')).toMatch(
      /^piped/,
    )
    const { code, value } = await json('import', id, 'a.md')
    expect([code, value]).toMatchObject([1, { error: { code: 'document_exists' } }])
  })

  test('is copied, and the copy is independent', async () => {
    const id = await seeded()
    expect(await succeed('copy', id, `${id}-copy`)).toBe(`${id}: copied to ${id}-copy\n`)
    expect((await run(['copy', id, `${id}-copy`])).code).toBe(1)
  })

  test('is verified, and the exit code is the result', async () => {
    const id = await seeded()
    expect(await succeed('verify', id)).toMatch(/: sound \(1 update row and 0 snapshot rows read\)/)
    await opened.backend.pool.query(
      "INSERT INTO ydoc_update (doc_id, segment, batch_id, data) VALUES ($1, 0, gen_random_uuid(), '\\xff')",
      [id],
    )
    const { code, out } = await run(['verify', id])
    expect([code, out]).toEqual([1, expect.stringMatching(/1 finding[\s\S]*ydoc_update, seq \d+/)])
    expect((await json('verify', id)).value).toMatchObject({ sound: false })
    expect(await succeed('verify', id, '--repair')).toMatch(/repaired/)
    expect(await succeed('verify', id)).toMatch(/: sound/)
  })

  test('is compacted', async () => {
    const id = await seeded()
    const dry = await succeed('compact', '--doc', id, '--min-rows', '1', '--dry-run')
    expect(dry).toBe(
      `PGlite: 1 document to compact\n  ${id}: 1 row in the active segment, 0 in sealed ones\n`,
    )
    expect((await json('compact', '--doc', id, '--min-rows', '1')).value).toMatchObject({
      compacted: [{ docId: id, rows: 1 }],
      refused: [],
    })
    expect(await succeed('compact', '--doc', id)).toContain('0 documents to compact')
  })

  test('is compacted although it has a bad row, and although another document cannot be compacted', async () => {
    const [first, broken, last] = [await seeded(), await seeded(), await seeded()]
    const proto = '010105002801016d016b017601095f5f70726f746f5f5f7402010200'
    await opened.backend.pool.query(
      `SELECT ydoc_append($1, gen_random_uuid(), decode($2, 'hex'))`,
      [first, proto],
    )
    // Its newest snapshot row is corrupt, and there are rows to fold into it.
    await succeed('compact', '--doc', broken, '--min-rows', '1')
    await opened.backend.pool.query("UPDATE ydoc_snapshot SET data = 'x' WHERE doc_id = $1", [
      broken,
    ])
    await opened.backend.pool.query(
      "SELECT ydoc_append($1, gen_random_uuid(), '\\x0001050100ff01')",
      [broken],
    )

    const { code, value } = await json('compact', '--min-rows', '1')
    expect(code).toBe(1)
    expect(value).toMatchObject({
      compacted: expect.arrayContaining([
        expect.objectContaining({ docId: first, rows: 1 }),
        expect.objectContaining({ docId: last, rows: 1 }),
      ]) as object,
      refused: [
        { docId: broken, message: expect.stringMatching(/snapshot.*run verify/) as string },
      ],
    })
    const text = await run(['compact', '--doc', broken, '--min-rows', '1'])
    expect([text.code, text.out]).toEqual([1, expect.stringContaining(`  ${broken}: `)])
  })
})

test('a document that was never written does not exist', async () => {
  for (const argv of [['inspect'], ['verify'], ['keep', '--label', 'x'], ['delete', '--yes']]) {
    const [name = '', ...options] = argv
    const { code, value } = await json(name, 'nobody-wrote-this', ...options)
    expect([name, code, value]).toMatchObject([name, 1, { error: { code: 'not_found' } }])
    const { err } = await run([name, 'nobody-wrote-this', ...options])
    expect(err).toMatch(/^y-electric: .+$/)
  }
})

describe('versions', () => {
  test('are kept, listed, compared and restored', async () => {
    const id = await seeded('one two')
    const kept = (await json('keep', id, '--label', 'first draft', '--by', 'ada')).value as {
      seq: number
    }
    expect(kept).toMatchObject({ kind: 'kept', label: 'first draft', createdBy: 'ada' })
    expect(await succeed('snapshots', id)).toMatch(
      new RegExp(`^SEQ +KIND .*\n +${kept.seq} +kept +first draft +\\d+ B +just now +ada\n$`),
    )
    expect(await succeed('diff', id, String(kept.seq))).toBe('No differences.\n')
    expect(await succeed('restore', id, String(kept.seq))).toContain('already')

    files['-'] = 'three'
    const other = `${id}-other`
    await succeed('import', other, '-', '--format', 'text')
    expect((await run(['diff', other, String(kept.seq)])).code).toBe(1)

    await succeed('keep', id, '--at', String(kept.seq), '--no-label')
    const { snapshots } = (await json('snapshots', id)).value as { snapshots: object[] }
    expect(snapshots).toMatchObject([{ seq: kept.seq, label: null }])
  })
})

describe('deleting', () => {
  test('removes the document only if its id is typed', async () => {
    const id = await seeded()
    const asked: string[] = []
    const ask = (answer: string) => async (question: string) => {
      asked.push(question)
      return answer
    }
    const terminal = { hasTerminal: true, canAsk: true }
    for (const answer of ['', 'y', 'yes', `${id}x`]) {
      const ran = await run(['delete', id], { ...terminal, ask: ask(answer) })
      expect([ran.code, ran.out]).toEqual([1, 'Nothing was deleted.\n'])
    }
    expect(asked[0]).toBe(`This deletes ${id} permanently. Type its id to continue: `)
    expect(await succeed('list', '--prefix', id)).toContain('1 document')

    const ran = await run(['delete', id], { ...terminal, ask: ask(`${id}\n`) })
    expect([ran.code, ran.out]).toEqual([0, `${id}: deleted, 1 row removed\n`])
  })

  test('with --yes does not ask, and the document cannot be restored', async () => {
    const id = await seeded()
    expect((await json('delete', id, '--yes', '--by', 'ada')).value).toMatchObject({ docId: id })
    expect(await succeed('list', '--prefix', id)).toBe('0 documents\n')
    expect(await succeed('list', '--prefix', id, '--deleted')).toMatch(/deleted just now/)
    expect(await succeed('verify', id, '--deleted')).toMatch(/nothing is left of it/)
    files['a.md'] = 'again'
    for (const argv of [
      ['inspect', id],
      ['verify', id],
      ['seed', id, 'a.md'],
      ['import', id, 'a.md'],
      ['keep', id, '--label', 'x'],
      ['snapshots', id],
      ['diff', id, '1'],
      ['restore', id, '1'],
      ['copy', id, `${id}-copy`],
      ['delete', id, '--yes'],
      ['export', id, '--out', 'b.md'],
    ]) {
      const { code, value } = await json(...argv)
      expect([argv[0], code, value]).toMatchObject([argv[0], 1, { error: { code: 'deleted' } }])
    }
  })

  test('verify --deleted fails for a document that exists', async () => {
    const id = await seeded()
    const { code, out } = await run(['verify', id, '--deleted'])
    expect([code, out]).toEqual([
      1,
      expect.stringContaining('it was not deleted, rows of it remain'),
    ])
  })
})
