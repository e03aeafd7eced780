/** What is shown of a value, and how. */
export interface Profile {
  /** Bounds as the types that they stand for; alternatives as values. */
  readonly simplify: boolean;
  /** Incomplete values are errors rather than expressions. */
  readonly final: boolean;
  readonly takeDefaults: boolean;
  readonly optional: boolean;
  readonly definitions: boolean;
  readonly hidden: boolean;
  readonly docs: boolean;
  readonly attributes: boolean;
  /** Errors of fields are shown in their place. */
  readonly errors: boolean;
  /** References to packages that are not built in are written out. */
  readonly inlineImports: boolean;
  /** Fields by name. */
  readonly sorted: boolean;
}

const none: Profile = {
  simplify: false,
  final: false,
  takeDefaults: false,
  optional: false,
  definitions: false,
  hidden: false,
  docs: false,
  attributes: false,
  errors: false,
  inlineImports: false,
  sorted: false,
};
const everything = { optional: true, definitions: true, hidden: true, docs: true } as const;

export const simplified: Profile = { ...none, simplify: true, docs: true };
export const final: Profile = { ...none, simplify: true, takeDefaults: true, final: true };
export const raw: Profile = { ...none, ...everything };
export const all: Profile = { ...none, ...everything, simplify: true, attributes: true };
/** As `cue eval` shows a value. */
export const evaluated: Profile = { ...none, takeDefaults: true, optional: true, definitions: true, attributes: true };
