import type { Editor } from '@tiptap/react'
import { lazy, Suspense, useSyncExternalStore } from 'react'
import type { Uploads } from './Uploads.ts'

const UploadCards = lazy(async () => {
  const { UploadCards } = await import('./UploadCards.tsx')
  return { default: UploadCards }
})

/** Nothing, until the person adds a picture. */
export function Uploading({ editor, uploads }: { editor: Editor; uploads: Uploads }) {
  const isNeeded = useSyncExternalStore(uploads.subscribe, () => uploads.current().length > 0)
  if (!isNeeded) return null
  return (
    <Suspense fallback={null}>
      <UploadCards editor={editor} uploads={uploads} />
    </Suspense>
  )
}
