import { lazy, Suspense, useEffect, useId, useMemo, useState } from 'react'
import { newDocId } from '../../documents/docId.ts'
import { renaming } from '../../documents/rename.ts'
import { appendUpdate, copyDocument, fetchUpdate } from '../../documents/serverApi.ts'
import { arranged, nameOf, type Row, type Sorting } from '../../documents/serverList.ts'
import type { ServerDocuments } from '../../documents/useServerDocuments.ts'
import { whenInWords } from '../../documents/when.ts'
import { Anchor } from '../../routing/Anchor.tsx'
import { documentPath } from '../../routing/route.ts'
import { Undoable } from './DeviceDocuments.tsx'
import { RenameForm } from './RenameForm.tsx'
import { useDeletion } from './useDeletion.ts'

const RowMenu = lazy(async () => {
  const { RowMenu } = await import('./RowMenu.tsx')
  return { default: RowMenu }
})

/** How many documents a page shows. */
const PAGE = 50
/** The most documents whose titles are read for a search. */
const MOST_SEARCHED = 1_000

export function ServerDocumentsList({ server }: { server: ServerDocuments }) {
  const { rows, isCut, lookAgain, learnTitles } = server
  const [search, setSearch] = useState('')
  const [sorting, setSorting] = useState<Sorting>('changed')
  const [page, setPage] = useState(0)
  const [renamed, setRenamed] = useState<string | null>(null)
  const [problem, setProblem] = useState('')
  const deletion = useDeletion(lookAgain)
  const id = useId()

  const all = useMemo(
    () => arranged(rows ?? [], search, sorting).filter(({ docId }) => docId !== deletion.docId),
    [rows, search, sorting, deletion.docId],
  )
  const pages = Math.max(1, Math.ceil(all.length / PAGE))
  const at = Math.min(page, pages - 1)
  const shown = useMemo(() => all.slice(at * PAGE, (at + 1) * PAGE), [all, at])

  // A search by title needs all titles; otherwise those on the page are enough.
  const wanted = search === '' && sorting === 'changed' ? shown : rows
  useEffect(() => {
    const aborter = new AbortController()
    void learnTitles((wanted ?? []).slice(0, MOST_SEARCHED), aborter.signal)
    return () => aborter.abort()
  }, [wanted, learnTitles])

  const run = async (action: () => Promise<void>) => {
    setProblem('')
    try {
      await action()
      await lookAgain()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  const rename = (row: Row, title: string) =>
    run(async () => {
      setRenamed(null)
      const update = renaming(await fetchUpdate(row.docId), title)
      if (update !== null) await appendUpdate(row.docId, update)
    })

  if (rows === null) return <p className="home-note">Reading the list…</p>
  return (
    <>
      <div className="home-tools">
        <input
          className="field"
          type="search"
          aria-label="Search by title"
          placeholder="Search by title"
          value={search}
          onChange={({ target }) => {
            setSearch(target.value)
            setPage(0)
          }}
        />
        <label htmlFor={id}>Sort by</label>
        <select
          id={id}
          value={sorting}
          onChange={({ target }) => setSorting(target.value === 'title' ? 'title' : 'changed')}
        >
          <option value="changed">last change</option>
          <option value="title">title</option>
        </select>
      </div>
      <ol className="contents" data-testid="documents">
        {shown.map((row) =>
          renamed === row.docId ? (
            <li key={row.docId}>
              <RenameForm
                title={nameOf(row)}
                onRename={(title) => rename(row, title)}
                onCancel={() => setRenamed(null)}
              />
            </li>
          ) : (
            <li key={row.docId}>
              <Anchor className="contents-entry" to={documentPath(row.docId)}>
                <span className="contents-title" data-known={row.title !== null}>
                  {nameOf(row)}
                </span>
                <span className="contents-leader" aria-hidden="true" />
                <span className="contents-when">
                  <span className="visually-hidden">changed </span>
                  {whenInWords(row.changedAt, Date.now())}
                </span>
              </Anchor>
              <Suspense fallback={<span className="contents-remove" />}>
                <RowMenu
                  row={row}
                  onRename={() => setRenamed(row.docId)}
                  onDuplicate={() => run(() => copyDocument(row.docId, newDocId()))}
                  onDelete={() => deletion.start(row)}
                  onProblem={setProblem}
                />
              </Suspense>
            </li>
          ),
        )}
      </ol>
      {all.length === 0 && (
        <p className="home-note">
          {search === '' ? 'There are no documents.' : `No title contains “${search}”.`}
        </p>
      )}
      <div role="status">
        {deletion.row !== null && (
          <Undoable
            key={deletion.row.docId}
            text={`“${nameOf(deletion.row)}” will be deleted in a moment, for everybody.`}
            action="Undo"
            onUndo={deletion.undo}
          />
        )}
        {problem !== '' && <p className="home-problem">{problem}</p>}
        {deletion.problem !== '' && <p className="home-problem">{deletion.problem}</p>}
      </div>
      {pages > 1 && (
        <nav className="home-pages" aria-label="Pages">
          <button
            type="button"
            className="button-quiet"
            disabled={at === 0}
            onClick={() => setPage(at - 1)}
          >
            Previous
          </button>
          <span>
            {at * PAGE + 1}–{Math.min(all.length, (at + 1) * PAGE)} of {all.length}
          </span>
          <button
            type="button"
            className="button-quiet"
            disabled={at === pages - 1}
            onClick={() => setPage(at + 1)}
          >
            Next
          </button>
        </nav>
      )}
      {isCut && <p className="home-note">The server has more documents than this page can list.</p>}
    </>
  )
}
