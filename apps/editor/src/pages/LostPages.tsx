import { type ReactNode, useEffect } from 'react'
import { Anchor } from '../routing/Anchor.tsx'
import { homePath } from '../routing/route.ts'
import { Main } from './Main.tsx'

export function LostPage({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · y-electric`
  }, [title])
  return (
    <Main className="lost">
      <h1>{title}</h1>
      <p>{children}</p>
      <Anchor className="button-primary" to={homePath}>
        Go to your documents
      </Anchor>
    </Main>
  )
}

export function NotFoundPage() {
  return (
    <LostPage title="There is no page here">
      The address may be mistyped, or the link cut short.
    </LostPage>
  )
}

export function BadAddressPage() {
  return (
    <LostPage title="This is not a document’s address">
      A document’s name has letters, digits and <code>. _ ~ : -</code>, begins with a letter or
      digit, and is at most 200 characters long. The link may have been cut short on its way to you.
    </LostPage>
  )
}
