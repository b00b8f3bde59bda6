import { Switch as Base } from '@base-ui/react/switch'
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
      <Base.Root
        className="switch-track"
        checked={isOn}
        onCheckedChange={onChange}
        aria-labelledby={`${id}label`}
        aria-describedby={`${id}note`}
      >
        <Base.Thumb className="switch-thumb" />
      </Base.Root>
    </div>
  )
}
