import { useId, useState } from 'react'
import { keepSettings, readSettings, type AssistantSettings as Settings } from './settings.ts'

/** The settings of this browser: the rules answer, or a model of the person's own endpoint. */
export function AssistantSettings() {
  const [settings, setSettings] = useState(readSettings)
  const id = useId()
  const change = (part: Partial<Settings>) => {
    const next = { ...settings, ...part }
    setSettings(next)
    keepSettings(next)
  }
  const choice = (kind: Settings['kind'], label: string) => (
    <label className="history-filter">
      <input
        type="radio"
        name={`${id}kind`}
        checked={settings.kind === kind}
        onChange={() => change({ kind })}
      />
      {label}
    </label>
  )
  return (
    <details className="assistant-settings">
      <summary>Settings</summary>
      <fieldset>
        <legend>Answers come from</legend>
        {choice('rules', 'rules on this page, without a key')}
        {choice('endpoint', 'an OpenAI-compatible endpoint')}
      </fieldset>
      {settings.kind === 'endpoint' && (
        <>
          <Field
            label="Address"
            type="url"
            placeholder="https://llm.example.com/v1"
            value={settings.baseUrl}
            onChange={(baseUrl) => change({ baseUrl: baseUrl.trim() })}
          />
          <Field
            label="Model"
            type="text"
            placeholder="name of the model"
            value={settings.model}
            onChange={(model) => change({ model })}
          />
          <Field
            label="Key"
            type="password"
            placeholder="none"
            value={settings.key}
            onChange={(key) => change({ key: key.trim() })}
          />
          <p className="panel-note">
            This page sends your request and the text of the document to this address. The key stays
            in this tab until you close it, and is sent nowhere else. The server of this page must
            allow the address (AGENT_ORIGINS).
          </p>
        </>
      )}
    </details>
  )
}

interface FieldProps {
  label: string
  type: 'url' | 'text' | 'password'
  placeholder: string
  value: string
  onChange: (value: string) => void
}

function Field({ label, type, placeholder, value, onChange }: FieldProps) {
  const id = useId()
  return (
    <div className="assistant-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="field"
        type={type}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    </div>
  )
}
