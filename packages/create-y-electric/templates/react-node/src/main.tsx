import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import './style.css'

const element = document.querySelector('#app')
if (element === null) throw new Error('index.html has no element #app')
createRoot(element).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
