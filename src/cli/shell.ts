import type { App } from "../app/app.js";
import type * as Models from "../app/models.js";
import type { Env } from "../config/load.js";

/** What a command has to work with. */
export interface Shell {
  readonly signal: AbortSignal;
  /** Environment with the named `--env-file` under it. */
  env(): Env;
  /** An app that is the caller's to close. @param settings over the environment */
  openApp(settings?: Env): Promise<App>;
  /** Runs with an app that is closed afterwards. */
  withApp<T>(run: (app: App) => Promise<T>): Promise<T>;
  /** Where models lie and how they get there. */
  openModels(): Promise<typeof Models>;
  print(text: string): void;
}
