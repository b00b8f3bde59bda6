import { type ReactNode, useId } from 'react'
import { API } from './api.ts'

interface SectionProps {
  title: string
  /** What it shows, for somebody who sees it for the first time. */
  about: ReactNode
  /** What it is made of: a path below the API's mount point. */
  source: string
  /** A person can read what that answers. */
  isReadable?: boolean
  children: ReactNode
}

export function Section({ title, about, source, isReadable = false, children }: SectionProps) {
  const id = useId()
  const request = `GET ${source.replace(/^\/docs\/[^/?]+/, '/docs/…')}`
  return (
    <section className="inspector-section" aria-labelledby={id}>
      <header className="inspector-head">
        <h2 id={id}>{title}</h2>
        {isReadable ? (
          <a className="inspector-source" href={API + source} target="_blank" rel="noreferrer">
            {request}
          </a>
        ) : (
          <span className="inspector-source">{request}</span>
        )}
      </header>
      <p className="inspector-about">{about}</p>
      {children}
    </section>
  )
}
