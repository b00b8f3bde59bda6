import type { Editor } from '@tiptap/react'
import type { SnapshotInfo } from '@y-electric/server'
import { useEffect, useState } from 'react'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { comparison } from '../editor/comparison.ts'
import { ApiError, fetchDifference, fetchUpdate } from '../inspector/api.ts'
import { listed } from '../people/people.ts'
import { clientsSince, namesOf, readNames } from './writers.ts'

/** How long the edits must have paused before the text is compared again, in milliseconds. */
const PAUSE_MS = 1_000

/**
 * Shows the changes since a version in the text, as long as there is one.
 * @returns a sentence about them; null if nothing is compared
 */
export function useComparison(
  document: OpenDocument,
  editor: Editor,
  since: SnapshotInfo | null,
): string | null {
  const [said, setSaid] = useState<string | null>(null)
  useEffect(() => {
    if (since === null) return setSaid(null)
    const aborter = new AbortController()
    const { signal } = aborter
    const { docId, doc } = document
    let timer: ReturnType<typeof setTimeout> | undefined
    const compare = async () => {
      try {
        const [difference, older, known] = await Promise.all([
          fetchDifference(docId, { from: since.seq, to: 'now', signal }),
          fetchUpdate(docId, since.seq, signal),
          readNames(docId, signal),
        ])
        if (signal.aborted || editor.isDestroyed) return
        comparison.show(editor, difference.changes)
        const names = namesOf(clientsSince(doc, older), known.names)
        setSaid(inWords(difference.changes.length, names))
      } catch (error) {
        if (signal.aborted) return
        const why = error instanceof ApiError ? error.message : String(error)
        setSaid(`The versions cannot be compared: ${why}`)
      }
    }
    const compareSoon = () => {
      clearTimeout(timer)
      timer = setTimeout(compare, PAUSE_MS)
    }
    setSaid('Comparing…')
    void compare()
    doc.on('update', compareSoon)
    return () => {
      aborter.abort()
      clearTimeout(timer)
      doc.off('update', compareSoon)
      if (!editor.isDestroyed) comparison.show(editor, [])
    }
  }, [document, editor, since])
  return said
}

export function inWords(changes: number, names: readonly string[]): string {
  if (changes === 0) return 'Nothing has changed since.'
  const counted = changes === 1 ? '1 place has' : `${changes} places have`
  return `${counted} changed since${names.length === 0 ? '' : `, by ${listed(names)}`}.`
}
