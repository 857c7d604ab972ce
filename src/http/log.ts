/** What the edge tells the program's log: an event's name and its fields. `err` is described by the log's own serializer. */
type Write = (fields: Readonly<Record<string, unknown>>, event: string) => void
export type HttpLog = { readonly info: Write; readonly warn: Write; readonly error: Write }
