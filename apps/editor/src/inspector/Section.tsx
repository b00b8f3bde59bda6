import { type ReactNode, useId } from 'react'
import { API } from './api.ts'

interface SectionProps {
  title: string
  /** Explains the section to a first-time visitor. */
  about: ReactNode
  /** The route that the section reads: a path below the API's mount point. */
  source: string
  /** True if the response of that route is readable text. */
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
