/** A data product's document: its value as the policies see it, and where in the file each part of it stands. */
import type { Json } from '../domain/json.ts'

/** Keys and list indexes from the document's root. */
export type Path = readonly (string | number)[]

/** Lines and columns are 1-based; columns count UTF-16 units; the end is exclusive. */
export type Range = {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

export type DocumentKind =
  | 'odcs'
  | 'odps'
  | 'profile'
  | 'quality-results'
  | 'terraform-plan'
  | 'waivers'
  | 'approvals'
  /** A data product or contract, but none that is checked: of another standard, or with its kind misspelt. */
  | 'foreign'
  | 'unknown'

export type Location = {
  readonly range: Range
  /** False when the path leads to nothing: the range is then that of the nearest existing parent's key. */
  readonly exact: boolean
  /** Where the value itself stands when the document only refers to it at this place (a YAML alias). */
  readonly definition?: Range
}

export type ProductDocument = {
  /** As given, with `/`, relative where it was. */
  readonly file: string
  /** Which document of a file with several, from 0. */
  readonly index: number
  readonly kind: DocumentKind
  /** Its own `apiVersion`, as written. */
  readonly version?: string
  /** What the policies see: nothing added. */
  readonly value: Json
  locate(path: Path): Location
  /** The key itself; where there is none, as `locate`. */
  locateKey(path: Path): Range
}
