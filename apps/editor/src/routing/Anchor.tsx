import type { ComponentProps, MouseEvent } from 'react'
import { navigate } from './navigation.ts'

type AnchorProps = Omit<ComponentProps<'a'>, 'href' | 'onClick'> & { to: string }

/**
 * A real link: a plain click navigates within the page; the browser handles everything else (new
 * tab, copy, save).
 */
export function Anchor({ to, ...rest }: AnchorProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    const plain =
      event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!plain) return
    event.preventDefault()
    navigate(to)
  }
  return <a {...rest} href={to} onClick={follow} />
}
