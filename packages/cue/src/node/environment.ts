/** `CUE_EXPERIMENT`: a list of `name` or `name=0|1`. Those that have become part of the language cannot be turned off. */

const stable = new Set(["modules", "yamlv3decoder", "evalv3", "embed", "decodeint64", "structcmp", "topsort", "cmdreferencepkg"]);
const known = new Set([...stable, "keepvalidators", "toposort", "openinline", "aliasv2", "try", "explicitopen", "cmpbottom"]);

/** What is wrong with the setting, in the reference's words. */
export function experimentProblem(setting: string): string | undefined {
  for (const part of setting.split(",").filter((each) => each !== "")) {
    const [name = "", value = "1"] = part.split("=", 2) as [string, string?];
    if (!known.has(name)) return `error in CUE_EXPERIMENT: unknown experiment ${JSON.stringify(name)}`;
    if (!/^(0|1|true|false)$/.test(value)) return `error in CUE_EXPERIMENT: invalid bool value for ${name}: ${value}`;
    if (stable.has(name) && /^(0|false)$/.test(value))
      return `error in CUE_EXPERIMENT: cannot disable stable experiment ${JSON.stringify(name)}`;
  }
  return undefined;
}
