/** What the pipeline tells its log; the composition root makes it from pino. */
export type PipelineLog = {
  /** A fault of a stage. The thrown value's own text goes to the log's `cause` only where it is ours. */
  fault(stage: string, thrown: unknown): void
  retrying(stage: string, thrown: unknown, tries: number): void
}
