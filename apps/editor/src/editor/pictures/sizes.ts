/** A size of a picture that a person can choose. */
export interface PictureSize {
  readonly name: 'small' | 'medium' | 'full'
  readonly label: string
  /** In pixels; null: as wide as the picture is. A picture never exceeds the width of the text. */
  readonly width: number | null
}

export const PICTURE_SIZES: readonly PictureSize[] = [
  { name: 'small', label: 'Small', width: 240 },
  { name: 'medium', label: 'Medium', width: 480 },
  { name: 'full', label: 'Full size', width: null },
]

/** The chosen size of a picture; null if its width is another one, which another program wrote. */
export const sizeOf = (width: unknown): PictureSize | null =>
  PICTURE_SIZES.find((size) => size.width === (width ?? null)) ?? null
