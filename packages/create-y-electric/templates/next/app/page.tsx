'use client'
import dynamic from 'next/dynamic'

// An editor needs a browser, and the name of the person is kept there.
const App = dynamic(() => import('../src/App').then((module) => module.App), { ssr: false })

export default function Page() {
  return <App />
}
