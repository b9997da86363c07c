/** Where settings come from: the environment, over a file that may change while the server runs. */
import { readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util";
import { AppError } from "../core/errors.js";
import type { Env } from "./load.js";

export interface SettingsSource {
  /** Of `--env-file`. */
  readonly file: string | undefined;
  /** @throws AppError `config` for a file that cannot be read, or is not whole */
  read(): Env;
}

export function settingsSource(env: Env, file?: string): SettingsSource {
  return { file, read: () => (file === undefined ? env : { ...readEnvFile(file), ...env }) };
}

/** A comment (the first group), NAME=value, or nothing. A value in quotation marks may go on over several lines. */
const STATEMENT =
  /[ \t]*(?:(#.*)|(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*[ \t]*=[ \t]*(?:(["'`])[\s\S]*?\2.*|(?![ \t]*["'`]).*))?(?:\n|$)/y;
const MOST_BYTES = 1_000_000;

function readEnvFile(file: string): Env {
  let text: string;
  try {
    text = readFileSync(file, "utf8")
      .replace(/^\uFEFF/, "") // an editor's mark, which would be part of the first name
      .replace(/\r\n?/g, "\n");
  } catch (cause) {
    throw unreadable(file, "cannot be read", cause);
  }
  if (text.length > MOST_BYTES) throw unreadable(file, `is longer than ${MOST_BYTES} characters`);
  const settings = withoutComments(text);
  if (settings === undefined) throw unreadable(file, "is half written: a line of it is not NAME=value");
  return parseEnv(settings);
}

/** Without lines of comment: Node 20 takes one behind blanks for a name. undefined: the text is not whole. */
function withoutComments(text: string): string | undefined {
  let settings = "";
  for (let at = 0; at < text.length; ) {
    STATEMENT.lastIndex = at;
    const found = STATEMENT.exec(text);
    if (found === null) return undefined;
    if (found[1] === undefined) settings += found[0];
    at = STATEMENT.lastIndex;
  }
  return settings;
}

function unreadable(file: string, what: string, cause?: unknown): AppError {
  return new AppError("config", `The settings file ${file} ${what}.`, {
    remedy: "Name a readable file of NAME=value lines after --env-file.",
    cause,
  });
}

const LOOK_EVERY_MS = 250;

/**
 * Looks at files by what their names lead to, so that a link that is pointed elsewhere (a ConfigMap's) counts as a
 * change, as a file does that is replaced or edited in place. A change counts once the file stays as it is for a look.
 * @param files asked at each look
 */
export function watchFiles(files: () => readonly string[], onChange: () => void): { close(): void } {
  const look = () => files().map(stateOf).join("\n");
  let known = look();
  let before = known;
  const timer = setInterval(() => {
    const now = look();
    if (now !== known && now === before) {
      known = now;
      onChange();
    }
    before = now;
  }, LOOK_EVERY_MS);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

/** A file that cannot be looked at is in a state too: another one than before, and before it is mended. */
function stateOf(file: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return `${file} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return `${file} ${(error as NodeJS.ErrnoException).code}`;
  }
}
