import {
  EXPORT_FORMATS,
  type ExportFormat,
  exportDocument,
  lossesInWords,
} from '../documents/serverApi.ts'

interface Wanted {
  docId: string
  title: string
  format: ExportFormat
}

/** Saves a document as a file. @returns what the file does not hold, or why there is none; '' if all is well */
export async function saveExport({ docId, title, format }: Wanted): Promise<string> {
  try {
    const { file, losses } = await exportDocument(docId, format)
    const address = URL.createObjectURL(file)
    const link = document.createElement('a')
    link.href = address
    link.download = fileName(title, EXPORT_FORMATS[format].ending)
    link.click()
    // The browser has opened the file by then.
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
    return lossesInWords(losses)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return `The document is not saved as a file: ${why}`
  }
}

/** A name that every file system accepts. */
export function fileName(title: string, ending: string): string {
  const name = title
    .replace(/[\p{Cc}\\/:*?"<>|]/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '')
    .slice(0, 60)
    .trim()
  return `${name === '' ? 'document' : name}.${ending}`
}
