/** Closes what was opened: last opened, first closed; one that fails does not keep the others open. */
export type Closers = AsyncDisposable & {
  use<Resource extends AsyncDisposable | Disposable>(resource: Resource): Resource
  defer(close: () => Promise<void> | void): void
}

export function createClosers(): Closers {
  const stack: (() => Promise<void> | void)[] = []
  return {
    use(resource) {
      stack.push(async () => {
        if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]()
        else resource[Symbol.dispose]()
      })
      return resource
    },
    defer: (close) => void stack.push(close),
    async [Symbol.asyncDispose]() {
      const errors: unknown[] = []
      for (let close = stack.pop(); close !== undefined; close = stack.pop()) {
        try {
          await close()
        } catch (thrown) {
          errors.push(thrown)
        }
      }
      if (errors.length > 0)
        throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'some parts did not close')
    },
  }
}
