import { useCallback, useState } from 'react'
import { newDocId } from '../../documents/docId.ts'
import { type FileKind, importFile, lossesInWords } from '../../documents/serverApi.ts'
import { navigate } from '../../routing/navigation.ts'
import { documentPath } from '../../routing/route.ts'

const KINDS: Readonly<Record<string, FileKind>> = {
  md: 'markdown',
  markdown: 'markdown',
  html: 'html',
  htm: 'html',
  txt: 'text',
}

/** The kind of a file by its name; null if it cannot be imported. */
export const kindOf = (name: string): FileKind | null =>
  KINDS[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''] ?? null

/** Imports files as new documents. A single file that is kept whole is opened. */
export function useImport(onImported: () => Promise<void>) {
  const [said, setSaid] = useState('')
  const take = useCallback(
    async (files: readonly File[]) => {
      const sentences: string[] = []
      let last = ''
      for (const file of files) {
        setSaid(`Importing “${file.name}”…`)
        const kind = kindOf(file.name)
        if (kind === null) {
          sentences.push(`“${file.name}” is no Markdown, HTML or text file.`)
          continue
        }
        last = newDocId()
        try {
          const lost = lossesInWords(await importFile(last, kind, file))
          sentences.push(...(lost === '' ? [] : [`“${file.name}” is imported. ${lost}`]))
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error)
          sentences.push(`“${file.name}” is not imported: ${why}`)
        }
      }
      if (files.length === 1 && sentences.length === 0) return navigate(documentPath(last))
      setSaid(sentences.length === 0 ? `${files.length} files are imported.` : sentences.join(' '))
      await onImported()
    },
    [onImported],
  )
  return { said, take }
}
