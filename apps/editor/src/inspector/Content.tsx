import { useState } from 'react'
import { docPath } from 'y-electric/protocol'
import { TEXT_FORMATS, type TextFormat } from './api.ts'
import { ContentText } from './ContentText.tsx'
import { ContentTree } from './ContentTree.tsx'
import type { View } from './Inspection.ts'
import { Section } from './Section.tsx'
import { useThrottled } from './timing.ts'

const NAMES: Record<'tree' | TextFormat, string> = {
  tree: 'Tree',
  text: 'Text',
  markdown: 'Markdown',
  html: 'HTML',
  json: 'JSON',
}
const KINDS = ['tree', ...TEXT_FORMATS] as const

/** The minimum time between two updates of the tree and of the text, in milliseconds. */
const TREE_MS = 200
const TEXT_MS = 700

export function Content({ docId, view }: { docId: string; view: View }) {
  const [kind, setKind] = useState<'tree' | TextFormat>('tree')
  const edition = useThrottled(view.edition, kind === 'tree' ? TREE_MS : TEXT_MS)
  return (
    <Section
      title="Content"
      about={
        kind === 'tree'
          ? 'The rows combined by Yjs in this page: the shared types and their content.'
          : 'The same content as the server exports it, read from the rows each time.'
      }
      source={`${docPath(docId)}?format=${kind === 'tree' ? 'stats' : kind}`}
      isReadable
    >
      <fieldset className="choices">
        <legend className="visually-hidden">Show the content as</legend>
        {KINDS.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="content-kind"
              className="visually-hidden"
              checked={kind === each}
              onChange={() => setKind(each)}
            />
            <span>{NAMES[each]}</span>
          </label>
        ))}
      </fieldset>
      <div className="content" data-testid="content">
        {kind === 'tree' ? (
          <ContentTree doc={view.doc} edition={edition} />
        ) : (
          <ContentText docId={docId} format={kind} edition={edition} />
        )}
      </div>
    </Section>
  )
}
