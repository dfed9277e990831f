/** What tells the series of one metric apart. */
export type Labels = Readonly<Record<string, string>>

/** Where numbers go. Names, help texts and label names are declared by the implementation; unknown names are a `Bug`. */
export interface Metrics {
  /** Adds to a counter. */
  count(name: string, labels: Labels, by?: number): void
  /** Sets a gauge. */
  gauge(name: string, labels: Labels, value: number): void
  /** Puts one value into a histogram. */
  observe(name: string, labels: Labels, value: number): void
  /** Forgets every series that carries all of `labels`. */
  forget(labels: Labels): void
}

/** Drops everything. */
export const noMetrics: Metrics = { count() {}, gauge() {}, observe() {}, forget() {} }
