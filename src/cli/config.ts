/** `aura-retrieval config print|check` */

import { existsSync } from "node:fs";
import { Command } from "commander";
import { type Config, loadConfig } from "../config/load.js";
import { SETTINGS, type SettingName } from "../config/settings.js";
import { EXIT } from "./exit-codes.js";
import type { Shell } from "./shell.js";

export function configCommand(shell: Shell, finish: (code: number) => void): Command {
  const command = new Command("config").description("settings in force, secrets masked");
  command
    .command("print")
    .description("every setting with its value and meaning")
    .option("--json", "as JSON")
    .action((options: { json?: boolean }) => {
      const { settings, live } = loadConfig(shell.env());
      const lines = Object.entries(settings).map(
        ([name, value]) => `${name}=${value}\n    ${SETTINGS[name as SettingName].meaning}`,
      );
      const profiles = Object.fromEntries(live.profiles);
      const listed = [...live.profiles.values()].map((profile) => `    ${profile.name}: ${JSON.stringify(profile)}`);
      shell.print(options.json ? { ...settings, profiles } : [...lines, "Profiles:", ...listed].join("\n"));
    });
  command
    .command("check")
    .description("exit code 0 when the server would start, 78 with every problem when not")
    .option("--json", "as JSON")
    .action((options: { json?: boolean }) => {
      const config = loadConfig(shell.env());
      const warnings = [...config.warnings, ...missingRoots(config)];
      const text = ["Configuration is valid.", ...warnings.map((warning) => `Warning: ${warning}`)].join("\n");
      shell.print(options.json ? { valid: true, warnings } : text);
      finish(EXIT.ok);
    });
  return command;
}

/** No more than a warning: a folder may be mounted after the start. */
function missingRoots({ live }: Config): string[] {
  return live.roots
    .filter((root) => !existsSync(root))
    .map((root) => `RETRIEVAL_ROOTS names ${root}, which does not exist; make it, mount it or correct the path`);
}
