import type { ReactNode } from 'react'

/** Icons are drawn on a grid of 20 with one stroke width, so that the toolbar looks uniform. */
function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  )
}

/** Letters shown as text are clearer than a drawing of them. */
function Letters({ children, className = '' }: { children: ReactNode; className?: string }) {
  return (
    <span className={`letters ${className}`} aria-hidden="true">
      {children}
    </span>
  )
}

export const icons = {
  heading1: <Letters className="letters-h1">H1</Letters>,
  heading2: <Letters className="letters-h2">H2</Letters>,
  heading3: <Letters className="letters-h3">H3</Letters>,
  bold: <Letters className="letters-bold">B</Letters>,
  italic: <Letters className="letters-italic">I</Letters>,
  code: (
    <Icon>
      <path d="M7 6.5L3.5 10 7 13.5M13 6.5l3.5 3.5-3.5 3.5" />
    </Icon>
  ),
  link: (
    <Icon>
      <path d="M8.4 11.6a3 3 0 0 0 4.25 0l2.6-2.6a3 3 0 0 0-4.25-4.25l-.9.9M11.6 8.4a3 3 0 0 0-4.25 0l-2.6 2.6A3 3 0 0 0 9 15.25l.9-.9" />
    </Icon>
  ),
  bulletList: (
    <Icon>
      <path d="M8 5.5h8.5M8 10h8.5M8 14.5h8.5" />
      <path className="icon-dots" d="M4 5.5h.01M4 10h.01M4 14.5h.01" />
    </Icon>
  ),
  orderedList: (
    <Icon>
      <path d="M8.5 5.5h8M8.5 10h8M8.5 14.5h8" />
      <path
        className="icon-thin"
        d="M3.4 4.1l1.1-.6v4M3.2 12.6c.2-1.2 2.2-1 2.1.2-.1.9-1.6 1.4-2.1 2.7h2.3"
      />
    </Icon>
  ),
  quote: (
    <Icon>
      <path d="M4 4.5v11M8 6.5h8.5M8 10h8.5M8 13.5h5" />
    </Icon>
  ),
  codeBlock: (
    <Icon>
      <rect x="3" y="4" width="14" height="12" rx="2" />
      <path d="M6.5 8l2 2-2 2M10.5 12.2h3" />
    </Icon>
  ),
  undo: (
    <Icon>
      <path d="M7.5 4.5L4 8l3.5 3.5M4.2 8h7.3a4 4 0 0 1 0 8H8" />
    </Icon>
  ),
  redo: (
    <Icon>
      <path d="M12.5 4.5L16 8l-3.5 3.5M15.8 8H8.5a4 4 0 0 0 0 8H12" />
    </Icon>
  ),
}
