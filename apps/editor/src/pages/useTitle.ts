import type { Editor } from '@tiptap/react'
import { useEffect } from 'react'
import { UNTITLED, withTitle } from '../documents/deviceList.ts'
import { changeDeviceList } from '../documents/deviceListStore.ts'
import { titleOf } from '../documents/title.ts'

/** The tab and the list on this device are called what the first line of the document says. */
export function useTitle(docId: string, editor: Editor, loaded: boolean): void {
  useEffect(() => {
    let told: string | null = null
    const tell = () => {
      const title = titleOf(editor.state.doc)
      // The list is read from storage; not at every key.
      if (title === told) return
      told = title
      window.document.title = `${title} · y-electric`
      // An empty page that was never loaded says nothing about the document's title.
      if (loaded || title !== UNTITLED) changeDeviceList((list) => withTitle(list, docId, title))
    }
    tell()
    editor.on('update', tell)
    return () => {
      editor.off('update', tell)
    }
  }, [docId, editor, loaded])
}
