import { useId } from 'react'

interface SwitchProps {
  label: string
  note: string
  isOn: boolean
  onChange: (isOn: boolean) => void
}

export function Switch({ label, note, isOn, onChange }: SwitchProps) {
  const id = useId()
  return (
    <div className="switch">
      <span className="switch-words">
        <span id={`${id}label`}>{label}</span>
        <span id={`${id}note`} className="popover-note">
          {note}
        </span>
      </span>
      <button
        type="button"
        role="switch"
        className="switch-track"
        aria-checked={isOn}
        aria-labelledby={`${id}label`}
        aria-describedby={`${id}note`}
        onClick={() => onChange(!isOn)}
      />
    </div>
  )
}
