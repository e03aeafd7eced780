/** `slipway cue …`: the language's own command, on the files of this machine. */
import { realHost, runCue, writeFiles } from "@slipway/cue/node";

/** Runs the command, prints what it prints, and gives its exit status. */
export function cue(
  args: readonly string[],
  out: { readonly stdout: NodeJS.WritableStream; readonly stderr: NodeJS.WritableStream },
): number {
  const outcome = runCue(args, realHost());
  out.stdout.write(outcome.stdout);
  out.stderr.write(outcome.stderr);
  writeFiles(outcome);
  return outcome.exitCode;
}
