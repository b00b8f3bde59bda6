import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { publishedEditor, serveEditor } from './editor.ts'

test('the command finds the editor that is published beside it, and serves none without one', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-editor-'))
  try {
    const command = pathToFileURL(path.join(folder, 'main.js')).href
    expect(publishedEditor(command)).toBeNull()
    await mkdir(path.join(folder, 'editor'))
    expect(publishedEditor(command)).toBe(path.join(folder, 'editor'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('the page of the editor may call its own server, and other origins only if they are set', async () => {
  const policyWith = async (origins: readonly string[]) => {
    const root = new Hono()
    serveEditor(root, os.tmpdir(), origins)
    const response = await root.request('/d/notes')
    return response.headers.get('content-security-policy')?.match(/connect-src [^;]*/)?.[0]
  }
  expect(await policyWith([])).toBe("connect-src 'self'")
  expect(await policyWith(['https://llm.example.com', 'http://127.0.0.1:11434'])).toBe(
    "connect-src 'self' https://llm.example.com http://127.0.0.1:11434",
  )
})
