import { describe, expect, test } from 'vitest'
import type { ProviderErrorCode } from '../errors.ts'
import { ERROR_STATUS, type ServerErrorCode } from '../protocol/error-codes.ts'
import { holdsBack, isFinal, type Purpose, rejectsContent } from './refusals.ts'

const PURPOSES: readonly Purpose[] = ['read', 'write', 'presence', 'fold']

/** The purposes for which each code is final. The compiler requires every code. */
const FINAL_FOR: Record<ServerErrorCode, readonly Purpose[]> = {
  invalid_request: [],
  invalid_doc_id: PURPOSES,
  invalid_batch_id: ['write', 'presence'],
  invalid_update: ['write', 'presence'],
  body_consumed: [],
  empty_update: ['write', 'presence'],
  unsupported_yjs: ['write', 'presence'],
  invalid_content: [],
  invalid_awareness: ['write', 'presence'],
  invalid_file: [],
  unauthenticated: ['read', 'write', 'presence'],
  forbidden: PURPOSES,
  cross_site_request: PURPOSES,
  presence_not_yours: [],
  not_found: PURPOSES,
  segment_not_opened: [],
  method_not_allowed: ['fold'],
  not_acceptable: [],
  request_timeout: [],
  segment_conflict: [],
  segment_not_due: [],
  segment_not_sealed: [],
  compaction_busy: [],
  document_exists: [],
  deleted: PURPOSES,
  segment_folded: [],
  segment_already_folded: [],
  update_too_large: ['write', 'presence'],
  update_too_complex: ['write', 'presence'],
  snapshot_too_large: [],
  awareness_too_large: ['write', 'presence'],
  document_too_large: [],
  export_too_large: [],
  file_too_large: [],
  unsupported_media_type: [],
  host_not_allowed: [],
  snapshot_differs: [],
  root_unknown: [],
  too_many_requests: [],
  corrupt: [],
  internal: [],
  server_busy: [],
  authorization_unavailable: [],
  database_unavailable: [],
  shape_service_unavailable: [],
  storage_full: [],
  quota_exceeded: [],
}
const CODES = Object.keys(ERROR_STATUS) as ServerErrorCode[]

describe.each(PURPOSES)('a refusal of a %s', (purpose) => {
  test.each(CODES)(
    'is handled by its code if it has the server’s own body and the code %s',
    (code) => {
      const expected = FINAL_FOR[code].includes(purpose)
      expect(isFinal(purpose, { status: ERROR_STATUS[code], code })).toBe(expected)
    },
  )

  test('is tried again without the server’s own body, whatever the status except 401 and 403', () => {
    const final: number[] = []
    for (let status = 200; status < 600; status++) {
      for (const code of ['bad_response', 'wrong_url'] as const) {
        if (isFinal(purpose, { status, code })) final.push(status)
      }
    }
    expect([...new Set(final)]).toEqual(purpose === 'fold' ? [403] : [401, 403])
  })

  test('is tried again if its status does not belong to its code', () => {
    for (const code of CODES) {
      for (const status of [200, 400, 404, 405, 409, 410, 413, 422, 429, 500, 502, 503, 507]) {
        if (status === ERROR_STATUS[code]) continue
        expect([code, status, isFinal(purpose, { status, code })]).toEqual([code, status, false])
      }
    }
  })

  test('is tried again if there was no answer', () => {
    const codes: ProviderErrorCode[] = ['network', 'timeout', 'bad_headers', ...CODES]
    for (const code of codes) expect(isFinal(purpose, { status: undefined, code })).toBe(false)
  })
})

test('only codes about an update or a presence state reject content', () => {
  expect(CODES.filter(rejectsContent)).toEqual([
    'invalid_batch_id',
    'invalid_update',
    'empty_update',
    'unsupported_yjs',
    'invalid_awareness',
    'update_too_large',
    'update_too_complex',
    'awareness_too_large',
  ])
})

test('answers that only ask the client to wait are tried again for every purpose', () => {
  const heldBack = CODES.filter(holdsBack)
  expect(heldBack).toEqual(['presence_not_yours', 'too_many_requests', 'quota_exceeded'])
  for (const purpose of PURPOSES) {
    for (const code of heldBack) expect(FINAL_FOR[code]).not.toContain(purpose)
  }
})
