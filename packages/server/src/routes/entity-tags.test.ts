import { describe, expect, test } from 'vitest'
import { matchingTag, strongTags } from './entity-tags.ts'

const ETAG = '"12-345:-1:0_0"'

describe('matchingTag', () => {
  test.each([
    [ETAG, ETAG],
    [`W/${ETAG}`, `W/${ETAG}`],
    ['"12-345:-1:0_0-gzip"', '"12-345:-1:0_0-gzip"'],
    ['W/"12-345:-1:0_0--gzip"', 'W/"12-345:-1:0_0--gzip"'],
    ['"12-345:-1:0_0-br"', '"12-345:-1:0_0-br"'],
    [`"other", W/"more" ,W/${ETAG}`, `W/${ETAG}`],
    [`"with, comma",${ETAG}`, ETAG],
    ['*', ETAG],
    [' * ', ETAG],
  ])('%s names the same content, and the tag is returned as the client wrote it', (sent, tag) => {
    expect(matchingTag(sent, ETAG)).toBe(tag)
  })

  test.each([
    null,
    undefined,
    '',
    'W/',
    '"other"',
    '"12-345:-1:0_0:7"',
    '"12-345:-1:0_0-other"',
    '"12-345:-1"',
  ])('%s does not name the same content', (sent) => {
    expect(matchingTag(sent, ETAG)).toBeNull()
  })

  test('a tag that a proxy weakened is compared by its opaque value', () => {
    expect(matchingTag(ETAG, `W/${ETAG}`)).toBe(ETAG)
  })

  test('a tag that happens to end like a coding matches only itself', () => {
    expect(matchingTag('"abc-br"', '"abc-br"')).toBe('"abc-br"')
    expect(matchingTag('"abc"', '"abc-br"')).toBeNull()
  })
})

describe('strongTags', () => {
  test.each([
    [null, null],
    ['*', null],
    ['', null],
    ['nonsense', null],
    [ETAG, ETAG],
    [`W/${ETAG}`, ETAG],
    [`W/${ETAG}, ${ETAG}`, ETAG],
    [`"a, b",W/${ETAG}`, `"a, b", ${ETAG}`],
    ['"a-gzip"', '"a-gzip", "a"'],
  ])('%s is forwarded as %s', (sent, expected) => {
    expect(strongTags(sent)).toBe(expected)
  })
})
