/** Limits of the formats that are read record by record. */

/** Bytes of one record, and of a JSON document that is one record. */
export const recordBytesMax = 8 * 1024 * 1024
/** Output is given on when it is at least this large, in bytes. */
export const outputBytes = 64 * 1024
/** Records between two looks at the checkpoint. */
export const checkpointRecords = 256
/** Levels of nesting of one JSON record. */
export const jsonDepthMax = 64
/** Columns of a table. */
export const columnsMax = 4_096
