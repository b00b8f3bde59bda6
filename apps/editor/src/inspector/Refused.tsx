import { LostPage } from '../pages/LostPages.tsx'
import type { ApiError } from './api.ts'

/** Why there is nothing to look at, in a title and a sentence. */
const WORDS: Record<string, readonly [title: string, words: string]> = {
  deleted: [
    'This document was deleted',
    'Its rows are gone from the database for good; what stays is a note that there was one, so that no device brings it back by accident.',
  ],
  not_found: ['There is no such document', 'Nothing was ever stored under this name.'],
  invalid_doc_id: [
    'This is not a document’s address',
    'The link may have been cut short on its way to you.',
  ],
  unauthenticated: [
    'Sign-in needed',
    'The server does not know you. Sign in from another tab, then reload this page.',
  ],
  forbidden: [
    'You may not look into this document',
    'The server knows you, and its rules do not let you read this one.',
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
