import type { Editor } from '@tiptap/react'
import { useEffect } from 'react'
import { UNTITLED, withTitle } from '../documents/deviceList.ts'
import { changeDeviceList } from '../documents/deviceListStore.ts'
import { titleOf } from '../documents/title.ts'

/** Shows the document's first line as the title of the tab and in the list on this device. */
export function useTitle(docId: string, editor: Editor, loaded: boolean): void {
  useEffect(() => {
    let told: string | null = null
    const tell = () => {
      const title = titleOf(editor.state.doc)
      // Reading the list from storage at every key would be slow.
      if (title === told) return
      told = title
      window.document.title = `${title} · y-electric`
      // An empty page that was never loaded does not show the document's title.
      if (loaded || title !== UNTITLED) changeDeviceList((list) => withTitle(list, docId, title))
    }
    tell()
    editor.on('update', tell)
    return () => {
      editor.off('update', tell)
    }
  }, [docId, editor, loaded])
}
