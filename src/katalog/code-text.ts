/** What a diagnostic's code stands for, for people who ask. */
export interface CodeText {
  /** A few words, without a full stop. */
  readonly title: string
  /** What is wrong, and why it matters. */
  readonly text: string
  /** A Katalog, or a part of one, that has the mistake. */
  readonly example: string
  /** What to do. */
  readonly fix: string
}
