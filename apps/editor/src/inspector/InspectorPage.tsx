import { useEffect } from 'react'
import { awarenessRowsPath, snapshotsPath, statePath } from 'y-electric/protocol'
import { Main } from '../pages/Main.tsx'
import { Anchor } from '../routing/Anchor.tsx'
import { documentPath } from '../routing/route.ts'
import { Content } from './Content.tsx'
import type { Inspection, View } from './Inspection.ts'
import { InspectorBar } from './InspectorBar.tsx'
import { LatestNews } from './LatestNews.tsx'
import { LogDrawing } from './LogDrawing.tsx'
import { totalsOf } from './log.ts'
import { titleIn } from './outline.ts'
import { WhoIsPresent, Writers } from './People.tsx'
import { Refused } from './Refused.tsx'
import { Section } from './Section.tsx'
import { SizesPlot } from './SizesPlot.tsx'
import { turnsOf } from './sizes.ts'
import { Totals } from './Totals.tsx'
import { useInspection, useView } from './useInspection.ts'
import { Versions } from './Versions.tsx'

/** Shows how a document is stored, and each change as it happens. */
export function InspectorPage({ docId }: { docId: string }) {
  const inspection = useInspection(docId)
  return inspection === null ? null : <Inspected inspection={inspection} />
}

function Inspected({ inspection }: { inspection: Inspection }) {
  const view = useView(inspection)
  if (view.refusal !== null) return <Refused error={view.refusal} />
  return <Shown inspection={inspection} view={view} />
}

function Shown({ inspection, view }: { inspection: Inspection; view: View }) {
  const { docId } = inspection
  const { log, snapshots, names } = view
  const title = titleIn(view.doc) || docId
  useEffect(() => {
    window.document.title = `Inside ${title} · y-electric`
  }, [title])
  const turns = turnsOf(snapshots)
  const totals = totalsOf(log)
  const isEmpty = log.isOpen && log.base === null && totals.rows === 0

  return (
    <div className="document">
      <InspectorBar docId={docId} contact={view.contact} />
      <Main className="inspector" aria-busy={!log.isOpen} data-contact={view.contact}>
        <header className="inspector-title">
          <h1>{title}</h1>
          {title !== docId && <p className="inspector-id">{docId}</p>}
          <Totals log={log} lastTurn={turns.at(-1)} />
        </header>
        {isEmpty && (
          <p className="inspector-empty">
            Nothing is stored under this name yet. <Anchor to={documentPath(docId)}>Open it</Anchor>{' '}
            and write: the first edit appears here as a row.
          </p>
        )}
        <Section
          title="The log"
          about="Every edit is one row in Postgres. A roll seals the active segment and opens the next; a fold replaces all sealed segments by one snapshot row, which clients read when they join."
          source={statePath(docId)}
        >
          <LogDrawing log={log} names={names} />
          <LatestNews log={log} names={names} />
        </Section>
        <div className="inspector-pair">
          <Section
            title="Sizes"
            about="The stored bytes: they grow with each row and shrink at each compaction."
            source={snapshotsPath(docId)}
            isReadable
          >
            <SizesPlot turns={turns} nowBytes={totals.joinBytes} />
          </Section>
          <Section
            title="People"
            about="The people present now, and the writers of the document."
            source={awarenessRowsPath(docId)}
          >
            <h3>Here now</h3>
            <WhoIsPresent view={view} />
            <h3>Writers</h3>
            <Writers view={view} names={names} />
          </Section>
        </div>
        <Content docId={docId} view={view} />
        <Versions inspection={inspection} view={view} />
      </Main>
    </div>
  )
}
