import { useEffect, useMemo } from 'react'
import { awarenessRowsPath, snapshotsPath, statePath } from 'y-electric/protocol'
import { Main } from '../pages/Main.tsx'
import { Anchor } from '../routing/Anchor.tsx'
import { documentPath } from '../routing/route.ts'
import { Content } from './Content.tsx'
import { Filters } from './Filters.tsx'
import type { Inspection, View } from './Inspection.ts'
import { InspectorBar } from './InspectorBar.tsx'
import { LatestNews } from './LatestNews.tsx'
import { LogDrawing } from './LogDrawing.tsx'
import type { Log } from './log.ts'
import { titleIn } from './outline.ts'
import { WhoIsPresent, Writers } from './People.tsx'
import { Refused } from './Refused.tsx'
import { Section } from './Section.tsx'
import { SizesPlot } from './SizesPlot.tsx'
import { turnsOf } from './sizes.ts'
import { Totals } from './Totals.tsx'
import { DocumentThen, SLIDER_ID } from './then/DocumentThen.tsx'
import { useInspection, useView } from './useInspection.ts'
import { usePlace } from './usePlace.ts'
import { useShownRows } from './useShownRows.ts'
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
  const [{ filter, at }, changePlace] = usePlace()
  const title = titleIn(view.doc) || docId
  useEffect(() => {
    window.document.title = `Inside ${title} · y-electric`
  }, [title])
  const turns = useMemo(() => turnsOf(snapshots), [snapshots])
  const { isReady, rows, shown, legend, plot } = useShownRows({ log, names, filter, turns })
  const isEmpty = log.isOpen && log.base === null && rows.length === 0
  const shownSet = useMemo(() => (shown === rows ? null : new Set(shown)), [shown, rows])
  const base = snapshots.find(({ seq, kind }) => kind === 'fold' && seq === log.base?.seq)

  return (
    <div className="document">
      <InspectorBar docId={docId} contact={view.contact} />
      <Main className="inspector" aria-busy={!log.isOpen || !isReady} data-contact={view.contact}>
        <header className="inspector-title">
          <h1>{title}</h1>
          {title !== docId && <p className="inspector-id">{docId}</p>}
          <Totals log={log} lastTurn={turns.at(-1)} shown={shownSet && shown} />
        </header>
        {isEmpty && (
          <p className="inspector-empty">
            Nothing is stored under this id yet. <Anchor to={documentPath(docId)}>Open it</Anchor>{' '}
            and write: the first edit appears here as a row.
          </p>
        )}
        <Filters
          filter={filter}
          legend={isReady ? legend : null}
          shown={shown.length}
          all={rows.length}
          onChange={(changed) => changePlace({ filter: changed })}
        />
        <Section
          title="The log"
          about="Each edit is an update row in Postgres. A roll seals the active segment and opens the next; a fold replaces all sealed segments by one snapshot row, which clients read when they join."
          source={statePath(docId)}
        >
          <LogDrawing log={log} names={names} shown={shownSet} />
          <LatestNews
            rows={shown}
            turnings={shownSet === null ? log.turnings : NO_TURNINGS}
            names={names}
            at={at}
            onChosen={(seq) => {
              changePlace({ at: seq })
              window.document.getElementById(SLIDER_ID)?.focus()
            }}
          />
        </Section>
        <div className="inspector-pair">
          <Section
            title="Sizes"
            about={
              shownSet === null
                ? 'The stored bytes over time: each row adds its bytes in the colour of its writer, and each fold replaces rows by a smaller snapshot row.'
                : 'The bytes of the rows shown, added up over time, in the colours of their writers.'
            }
            source={snapshotsPath(docId)}
            isReadable
          >
            <SizesPlot data={plot} />
          </Section>
          <Section
            title="People"
            about="The people present now, and the writers of the document."
            source={awarenessRowsPath(docId)}
          >
            <h3>Present now</h3>
            <WhoIsPresent view={view} />
            <h3>Writers</h3>
            <Writers view={view} names={names} />
          </Section>
        </div>
        <DocumentThen
          docId={docId}
          log={log}
          foldedAt={base === undefined ? null : Date.parse(base.createdAt)}
          rows={rows}
          shown={shownSet}
          names={names}
          at={at}
          onMove={(seq) => changePlace({ at: seq })}
        />
        <Content docId={docId} view={view} />
        <Versions inspection={inspection} view={view} />
      </Main>
    </div>
  )
}

/** Rolls and folds are no rows, so a filter hides them. */
const NO_TURNINGS: Log['turnings'] = []
