import { useState } from 'react'
import { EXPORT_FORMATS, type ExportFormat } from '../documents/serverApi.ts'
import { saveExport } from './saveExport.ts'

/** Saves the document as a file. A PDF is made by printing. */
export function Downloads({ docId }: { docId: string }) {
  const [said, setSaid] = useState('')
  const save = async (format: ExportFormat) => {
    setSaid('')
    const title = document.title.replace(/ · y-electric$/, '')
    setSaid(await saveExport({ docId, title, format }))
  }
  return (
    <div className="downloads">
      <h2>Download</h2>
      <div className="downloads-formats">
        {(Object.keys(EXPORT_FORMATS) as ExportFormat[]).map((format) => (
          <button
            key={format}
            type="button"
            className="button-quiet"
            onClick={() => void save(format)}
          >
            {EXPORT_FORMATS[format].label}
          </button>
        ))}
        <button type="button" className="button-quiet" onClick={() => window.print()}>
          PDF (print)
        </button>
      </div>
      <p className="popover-note" role="status">
        {said}
      </p>
    </div>
  )
}
