import type { Editor } from '@tiptap/react'
import { useEffect, useState } from 'react'

/** After this pause in the edits something is read from the whole document, in milliseconds. */
const PAUSE_MS = 400

/** A value of the whole document, read again after edits have paused: typing must not wait for it. */
export function useQuietly<Value>(editor: Editor, read: (editor: Editor) => Value): Value {
  const [value, setValue] = useState(() => read(editor))
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const readNow = () => setValue(read(editor))
    const readSoon = () => {
      clearTimeout(timer)
      timer = setTimeout(readNow, PAUSE_MS)
    }
    readNow()
    editor.on('update', readSoon)
    return () => {
      clearTimeout(timer)
      editor.off('update', readSoon)
    }
  }, [editor, read])
  return value
}
