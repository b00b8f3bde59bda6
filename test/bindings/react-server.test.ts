// `y-electric/react` where there is no page: React renders on a server.
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createElement, type ReactNode, Suspense } from 'react'
import { renderToPipeableStream } from 'react-dom/server'
import { expect, test } from 'vitest'
import { DocumentProvider, openDocuments, useDocument } from 'y-electric/react'

function Page(): ReactNode {
  useDocument('a-document', { suspense: true })
  return 'open'
}

test('a page with Suspense is its fallback, without an error that Next.js reports', async () => {
  const waiting = createElement(Suspense, { fallback: 'waiting' }, createElement(Page))
  const tree = createElement(DocumentProvider, { url: 'http://server.test/api' }, waiting)
  const digests: unknown[] = []
  const onError = (error: unknown) => void digests.push((error as { digest?: string }).digest)
  const html = await new Promise<string>((resolve) => {
    const rendering = renderToPipeableStream(tree, {
      onError,
      onAllReady: () => resolve(text(rendering.pipe(new PassThrough()))),
    })
  })
  expect(html).toContain('waiting')
  expect(digests).toEqual(['BAILOUT_TO_CLIENT_SIDE_RENDERING'])
  expect(openDocuments()).toEqual([])
})
