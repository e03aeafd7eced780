/** Something wrong with the text, before it is told with file, line and column. */
export interface Problem {
  /** UTF-16 offset. */
  readonly at: number;
  readonly message: string;
}
