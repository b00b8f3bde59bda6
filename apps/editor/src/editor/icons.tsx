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
  paragraph: <Letters className="letters-text">T</Letters>,
  heading1: <Letters className="letters-h1">H1</Letters>,
  heading2: <Letters className="letters-h2">H2</Letters>,
  heading3: <Letters className="letters-h3">H3</Letters>,
  bold: <Letters className="letters-bold">B</Letters>,
  italic: <Letters className="letters-italic">I</Letters>,
  underline: <Letters className="letters-underline">U</Letters>,
  strike: <Letters className="letters-strike">S</Letters>,
  highlight: (
    <Icon>
      <path d="M11.5 4.5l4 4-6.5 6.5H5v-4z M9 7l4 4" />
      <path className="icon-dots" d="M4 17.5h12" />
    </Icon>
  ),
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
  taskList: (
    <Icon>
      <rect x="3" y="3.5" width="5" height="5" rx="1.2" />
      <path d="M3.5 14l1.7 1.7L8.5 12M11.5 6H17M11.5 14H17" />
    </Icon>
  ),
  table: (
    <Icon>
      <rect x="3" y="4" width="14" height="12" rx="1.5" />
      <path d="M3 8.5h14M10 8.5V16" />
    </Icon>
  ),
  rule: (
    <Icon>
      <path d="M3 10h14" />
      <path className="icon-thin" d="M6 5.5h8M6 14.5h8" />
    </Icon>
  ),
  emoji: (
    <Icon>
      <circle cx="10" cy="10" r="6.75" />
      <path d="M7 11.8c1.4 2 4.6 2 6 0" />
      <path className="icon-dots" d="M7.7 8h.01M12.3 8h.01" />
    </Icon>
  ),
  mention: (
    <Icon>
      <circle cx="10" cy="10" r="2.75" />
      <path d="M12.75 7.5v3.2c0 2.6 3.75 2.4 3.75-.7a6.5 6.5 0 1 0-2.6 5.2" />
    </Icon>
  ),
  image: (
    <Icon>
      <rect x="3" y="4" width="14" height="12" rx="1.5" />
      <path d="M3.5 14l4-4 3 3 2-2 4 4" />
      <path className="icon-dots" d="M13 7.5h.01" />
    </Icon>
  ),
  alignLeft: (
    <Icon>
      <path d="M3.5 5h13M3.5 10h8M3.5 15h11" />
    </Icon>
  ),
  alignCenter: (
    <Icon>
      <path d="M3.5 5h13M6 10h8M4.5 15h11" />
    </Icon>
  ),
  alignRight: (
    <Icon>
      <path d="M3.5 5h13M8.5 10h8M5.5 15h11" />
    </Icon>
  ),
  alignJustify: (
    <Icon>
      <path d="M3.5 5h13M3.5 10h13M3.5 15h13" />
    </Icon>
  ),
  plus: (
    <Icon>
      <path d="M10 4v12M4 10h12" />
    </Icon>
  ),
  grip: (
    <Icon>
      <path
        className="icon-dots"
        d="M7.5 5h.01M7.5 10h.01M7.5 15h.01M12.5 5h.01M12.5 10h.01M12.5 15h.01"
      />
    </Icon>
  ),
  find: (
    <Icon>
      <circle cx="9" cy="9" r="5" />
      <path d="M12.8 12.8L16.5 16.5" />
    </Icon>
  ),
  outline: (
    <Icon>
      <path d="M3.5 5h13M6.5 10h10M9.5 15h7" />
    </Icon>
  ),
  history: (
    <Icon>
      <path d="M3.8 8.2A6.5 6.5 0 1 1 3.5 11M3.5 4.5v4h4M10 6.5V10l2.5 2" />
    </Icon>
  ),
  assistant: (
    <Icon>
      <path d="M8.5 4l1.6 4.4 4.4 1.6-4.4 1.6L8.5 16l-1.6-4.4L2.5 10l4.4-1.6zM15.5 3v4M13.5 5h4" />
    </Icon>
  ),
  close: (
    <Icon>
      <path d="M5 5l10 10M15 5L5 15" />
    </Icon>
  ),
  keyboard: (
    <Icon>
      <rect x="2.5" y="5" width="15" height="10" rx="1.5" />
      <path className="icon-thin" d="M5.5 8h.01M8.5 8h.01M11.5 8h.01M14.5 8h.01M7 12h6" />
    </Icon>
  ),
  more: (
    <Icon>
      <path className="icon-dots" d="M5 10h.01M10 10h.01M15 10h.01" />
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

export type IconName = keyof typeof icons
