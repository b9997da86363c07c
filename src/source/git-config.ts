/** What git's configuration says of ignored files: its own files are read, no git is run. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import envPaths from "env-paths";
import { readSmall } from "./git-folder.js";

export interface IgnoreSettings {
  /** Of the user's own rules. */
  readonly excludesFile: string;
  readonly ignoresCase: boolean;
}

/** @param common folder of a repository */
export async function ignoreSettings(common: string): Promise<IgnoreSettings> {
  const user = userFolder();
  const files = ["/etc/gitconfig", join(user, "config"), join(homedir(), ".gitconfig"), join(common, "config")];
  const core = new Map<string, string>();
  for (const file of files) for (const [name, value] of coreOf((await readSmall(file)) ?? "")) core.set(name, value);
  const excludesFile = core.get("excludesfile") ?? join(user, "ignore");
  return {
    excludesFile: resolve(excludesFile.replace(/^~(?=[\\/])/, homedir())),
    ignoresCase: /^(?:true|yes|on|1)$/i.test(core.get("ignorecase") ?? "false"),
  };
}

/** Only Linux has it elsewhere than in the home folder. */
function userFolder(): string {
  return process.platform === "linux" ? envPaths("git", { suffix: "" }).config : join(homedir(), ".config", "git");
}

/** Of the section `core`; names in small letters, the last value of each counting. */
function* coreOf(config: string): Generator<readonly [string, string]> {
  let isCore = false;
  for (const line of config.split("\n")) {
    const [, section] = /^\s*\[([^\]]{0,200})\]/.exec(line) ?? [];
    if (section !== undefined) isCore = section.trim().toLowerCase() === "core";
    const [, name, value] = /^\s*(?:\[[^\]]{0,200}\]\s*)?([A-Za-z][\w-]{0,100})\s*(?:=\s*(.*))?$/.exec(line) ?? [];
    if (isCore && name !== undefined) yield [name.toLowerCase(), value === undefined ? "true" : unquoted(value)];
  }
}

/** Comments go, and the backslashes in front of signs. */
function unquoted(value: string): string {
  let isQuoted = false;
  let text = "";
  for (let at = 0; at < value.length; at++) {
    const sign = value[at] as string;
    if (sign === "\\") text += value[++at] ?? "";
    else if (sign === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (sign === "#" || sign === ";")) break;
    else text += sign;
  }
  return text.trim();
}
