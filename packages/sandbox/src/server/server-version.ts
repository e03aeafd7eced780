/** The Kubernetes release whose API this server speaks, as far as it goes. */
export const serverVersion: Readonly<Record<string, string>> = {
  major: "1",
  minor: "34",
  gitVersion: "v1.34.0+slipway",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "2026-01-01T00:00:00Z",
  goVersion: "none",
  compiler: "none",
  platform: "slipway/sandbox",
};
