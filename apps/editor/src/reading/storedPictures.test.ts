import { expect, test } from 'vitest'
import { pictureInliner } from './storedPictures.ts'

const ID = 'a'.repeat(64)
const STORED = `/api/docs/notes/files/${ID}`
const { signal } = new AbortController()

function server(status = 200) {
  const asked: string[] = []
  const answer = async (address: string | URL | Request) => {
    asked.push(String(address))
    return new Response(new Uint8Array([1, 2, 3]), {
      status,
      headers: { 'content-type': 'image/png' },
    })
  }
  return { asked, answer }
}

test('a stored picture becomes part of the page, fetched once however often it is shown', async () => {
  const { asked, answer } = server()
  const inline = pictureInliner(answer)
  const html = `<p>a</p><img src="${STORED}" alt="x"><img alt="y" src="${STORED}">`
  const data = 'data:image/png;base64,AQID'
  const shown = `<p>a</p><img src="${data}" alt="x"><img alt="y" src="${data}">`
  expect(await inline(html, signal)).toBe(shown)
  expect(await inline(html, signal)).toBe(shown)
  expect(asked).toEqual([STORED])
})

test('other addresses, and pictures that the server refuses, stay as they are', async () => {
  const { asked, answer } = server(404)
  const inline = pictureInliner(answer)
  const html = `<img src="https://example.org/api/docs/notes/files/${ID}"><img src="${STORED}">`
  expect(await inline(html, signal)).toBe(html)
  expect(asked).toEqual([STORED])
})
