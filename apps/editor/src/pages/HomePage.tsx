import { type DragEvent, useEffect, useState } from 'react'
import { useDeviceList } from '../documents/deviceListStore.ts'
import { newDocId } from '../documents/docId.ts'
import { useServerDocuments } from '../documents/useServerDocuments.ts'
import { navigate } from '../routing/navigation.ts'
import { documentPath } from '../routing/route.ts'
import { DeviceDocuments } from './home/DeviceDocuments.tsx'
import { ImportButton } from './home/ImportButton.tsx'
import { ServerDocumentsList } from './home/ServerDocumentsList.tsx'
import { useImport } from './home/useImport.ts'
import { Main } from './Main.tsx'

type Filter = 'all' | 'device'

/** All documents of the server; those opened on this device are a filter. */
export function HomePage() {
  const device = useDeviceList()
  const server = useServerDocuments(device)
  const [wanted, setFilter] = useState<Filter>('all')
  const { said, take } = useImport(server.lookAgain)
  const [isDropping, setDropping] = useState(false)

  useEffect(() => {
    document.title = 'Your documents · y-electric'
  }, [])

  // Offline, or where a person may not list documents, this device's list is what there is.
  const filter = server.rows === null && server.problem !== null ? 'device' : wanted
  const isEmpty = device.length === 0 && (server.rows?.length ?? 0) === 0

  const onDrop = (event: DragEvent) => {
    setDropping(false)
    if (event.dataTransfer.files.length === 0) return
    event.preventDefault()
    void take([...event.dataTransfer.files])
  }

  return (
    <Main
      className="home"
      data-dropping={isDropping}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        setDropping(true)
      }}
      onDragLeave={() => setDropping(false)}
      onDrop={onDrop}
    >
      <p className="home-mark">
        <img src="/favicon.svg" alt="" width="20" height="20" />
        y-electric
      </p>
      {isEmpty ? (
        <Invitation onFiles={take} />
      ) : (
        <>
          <header className="home-head">
            <h1>Documents</h1>
            <div className="home-actions">
              <ImportButton onFiles={take} />
              <NewDocumentButton />
            </div>
          </header>
          <fieldset className="choices">
            <legend className="visually-hidden">Which documents</legend>
            <Choice
              label="All on the server"
              isOn={filter === 'all'}
              onChoose={() => setFilter('all')}
            />
            <Choice
              label="Recent on this device"
              isOn={filter === 'device'}
              onChoose={() => setFilter('device')}
            />
          </fieldset>
          {server.problem !== null && (
            <p className="home-problem" role="status">
              The server’s list is not shown: {server.problem.message}
            </p>
          )}
          {filter === 'device' ? (
            <DeviceDocuments list={device} />
          ) : (
            <ServerDocumentsList server={server} />
          )}
        </>
      )}
      <p className="home-said" role="status">
        {said}
      </p>
    </Main>
  )
}

interface ChoiceProps {
  label: string
  isOn: boolean
  onChoose: () => void
}

const Choice = ({ label, isOn, onChoose }: ChoiceProps) => (
  <label>
    <input
      className="visually-hidden"
      type="radio"
      name="which-documents"
      checked={isOn}
      onChange={onChoose}
    />
    <span>{label}</span>
  </label>
)

function Invitation({ onFiles }: { onFiles: (files: readonly File[]) => Promise<void> }) {
  return (
    <section className="invitation">
      <h1>Start with a sentence.</h1>
      <p>
        Send others the address of the page to write in it together. Every edit is a row in your own
        Postgres, and the page shows when it is stored there.
      </p>
      <div className="home-actions">
        <NewDocumentButton />
        <ImportButton onFiles={onFiles} />
      </div>
    </section>
  )
}

function NewDocumentButton() {
  return (
    <button
      type="button"
      className="button-primary"
      onClick={() => navigate(documentPath(newDocId()))}
    >
      New document
    </button>
  )
}
