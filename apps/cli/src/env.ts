/** The one place of the CLI that reads the environment. */
export interface Environment {
  readonly kubeconfig: string | undefined;
  readonly home: string;
  readonly noColor: boolean;
  readonly ci: boolean;
  /** All variables, for kubeconfig exec plugins. */
  readonly all: Readonly<Record<string, string | undefined>>;
}

export function readEnvironment(): Environment {
  const { env } = process;
  return {
    kubeconfig: env["KUBECONFIG"],
    home: env["HOME"] ?? "/",
    noColor: env["NO_COLOR"] !== undefined,
    ci: env["CI"] !== undefined,
    all: { ...env },
  };
}
