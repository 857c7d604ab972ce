/** Columns a caller asks for, found among those there are. */
import { PortcullisError } from '../../domain/errors.ts'

/** In the order of `there`. @throws request.invalid naming the first column that is not there */
export function indexesOf(columns: readonly string[], there: readonly string[]): readonly number[] {
  for (const column of columns) if (!there.includes(column)) throw unknownColumn(column)
  return there.flatMap((name, index) => (columns.includes(name) ? [index] : []))
}

function unknownColumn(column: string): PortcullisError {
  return new PortcullisError('request.invalid', {
    message: `columns: this leaf has no column ${JSON.stringify(column)}`,
  })
}
