import type { App } from "../compose.js";
import type { Env } from "../config/load.js";

/** What a command has to work with. */
export interface Shell {
  readonly signal: AbortSignal;
  /** Environment with the named `--env-file` under it. */
  env(): Env;
  /** Runs with an app that is closed afterwards. @returns exit code */
  withApp(run: (app: App) => Promise<number>): Promise<number>;
  print(text: string): void;
}
