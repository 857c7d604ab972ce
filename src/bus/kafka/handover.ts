/** Turns what a consumer is pushed into what a reader pulls: one thing at a time, the pusher waits until the reader is done with it. */

export type Delivery = {
  /** Resolves when the reader is done: it said so, asked for the next, or left. */
  readonly done: Promise<void>
  /** The reader is done with it. */
  finish(): void
  /** If nobody has taken it yet, nobody will. */
  withdraw(): void
}

export type Handover<Item> = {
  offer(item: Item): Delivery
  /** Undefined once closed. */
  take(): Promise<Item | undefined>
  /** The reader leaves: all that was offered, and will be, counts as done. */
  close(): void
}

export function createHandover<Item>(): Handover<Item> {
  let offered: { readonly item: Item; readonly delivery: Delivery } | undefined
  let taken: Delivery | undefined
  let wake: (() => void) | undefined
  let closed = false

  return {
    offer(item) {
      let finish = () => {}
      const done = new Promise<void>((resolve) => {
        finish = resolve
      })
      const delivery: Delivery = {
        done,
        finish,
        withdraw() {
          if (offered?.delivery === delivery) offered = undefined
        },
      }
      if (closed) finish()
      else offered = { item, delivery }
      wake?.()
      return delivery
    },
    async take() {
      taken?.finish()
      taken = undefined
      while (offered === undefined && !closed)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      if (closed || offered === undefined) return undefined
      const { item, delivery } = offered
      offered = undefined
      taken = delivery
      return item
    },
    close() {
      closed = true
      taken?.finish()
      offered?.delivery.finish()
      offered = undefined
      wake?.()
    },
  }
}
