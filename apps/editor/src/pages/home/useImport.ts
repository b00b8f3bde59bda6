import { useCallback, useState } from 'react'
import { newDocId } from '../../documents/docId.ts'
import { type FileKind, importFile, lossesInWords } from '../../documents/serverApi.ts'
import type { Loss } from '../../documents/serverTypes.ts'
import { navigate } from '../../routing/navigation.ts'
import { documentPath } from '../../routing/route.ts'

type ImportKind = FileKind | 'docx'

const KINDS: Readonly<Record<string, ImportKind>> = {
  md: 'markdown',
  markdown: 'markdown',
  html: 'html',
  htm: 'html',
  txt: 'text',
  docx: 'docx',
}

/** The kind of a file by its name; null if it cannot be imported. */
export const kindOf = (name: string): ImportKind | null =>
  KINDS[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''] ?? null

/** Creates a document from a file. @returns what the document cannot hold */
async function importAs(kind: ImportKind, docId: string, file: File): Promise<readonly Loss[]> {
  if (kind !== 'docx') return importFile(docId, kind, file)
  // The converter is larger than the editor.
  const { importDocx } = await import('../../documents/docx/importDocx.ts').catch((cause) => {
    throw new Error('The converter for Word files cannot be loaded. Reload the page.', { cause })
  })
  return importDocx(docId, file)
}

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
          sentences.push(`“${file.name}” is no Markdown, HTML, Word (.docx) or text file.`)
          continue
        }
        last = newDocId()
        try {
          const lost = lossesInWords(await importAs(kind, last, file))
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
