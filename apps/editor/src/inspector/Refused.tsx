import { LostPage } from '../pages/LostPages.tsx'
import type { ApiError } from './api.ts'

/** The title and the text for each reason why a document cannot be shown. */
const WORDS: Record<string, readonly [title: string, words: string]> = {
  deleted: [
    'This document was deleted',
    'Its rows were permanently deleted from the database. A record of its id remains, so that no device recreates the document by accident.',
  ],
  not_found: ['There is no such document', 'Nothing was ever stored under this id.'],
  invalid_doc_id: [
    'This is not a document’s address',
    'The link may have been cut short on its way to you.',
  ],
  unauthenticated: [
    'Sign-in needed',
    'You are not signed in. Sign in from another tab, then reload this page.',
  ],
  forbidden: [
    'You may not inspect this document',
    'You are signed in, but you do not have permission to read this document.',
  ],
}

export function Refused({ error }: { error: ApiError }) {
  const [title, words] = WORDS[error.code] ?? ['This document cannot be shown', error.message]
  return (
    <LostPage title={title}>
      {words} <code className="refused-code">{error.code}</code>
    </LostPage>
  )
}
