/** Time and randomness are passed in. */
export type Clock = { /** Milliseconds since the epoch. */ now(): number }
export const systemClock: Clock = { now: () => Date.now() }
