import type { Editor } from '@tiptap/react'
import { useEffect, useState } from 'react'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { authorship } from '../editor/authorship.ts'
import { type Author, authorsOf, rangesIn } from './authors.ts'
import { readNames } from './writers.ts'

/** How long the edits must have paused before the text is shaded again, in milliseconds. */
const PAUSE_MS = 500

/** The authors of the text, and whether the server checked all of their names. */
export interface Legend {
  readonly authors: readonly Author[]
  readonly areChecked: boolean
}

/** Shades the text by author, while it is on. @returns the legend; null until it is known */
export function useAuthorship(
  document: OpenDocument,
  editor: Editor,
  isOn: boolean,
): Legend | null {
  const [legend, setLegend] = useState<Legend | null>(null)
  useEffect(() => {
    if (!isOn) return setLegend(null)
    const aborter = new AbortController()
    const { signal } = aborter
    const { docId, doc } = document
    let timer: ReturnType<typeof setTimeout> | undefined
    const shade = async () => {
      const { names, areChecked } = await readNames(docId, signal)
      if (signal.aborted || editor.isDestroyed) return
      const ranges = rangesIn(doc.getXmlFragment('default'), editor.state.doc)
      const { legend: authors, of } = authorsOf(ranges, names)
      const shades = ranges.flatMap(({ client, ...range }) => {
        const author = of(client)
        return author === undefined ? [] : [{ ...range, color: author.color, name: author.name }]
      })
      authorship.show(editor, shades)
      setLegend({ authors, areChecked })
    }
    const shadeSoon = () => {
      clearTimeout(timer)
      timer = setTimeout(shade, PAUSE_MS)
    }
    void shade()
    doc.on('update', shadeSoon)
    return () => {
      aborter.abort()
      clearTimeout(timer)
      doc.off('update', shadeSoon)
      if (!editor.isDestroyed) authorship.show(editor, [])
    }
  }, [document, editor, isOn])
  return legend
}
