import { type Version, weightOf } from '@y-electric/server/extension'

/** The weight of a version. */
export const weightOfVersion = ({ data, structs }: Version): number =>
  weightOf(data.byteLength, structs)
