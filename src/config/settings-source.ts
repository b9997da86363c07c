/** Where settings come from: the environment, over a file that may change while the server runs. */
import { readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util";
import { AppError } from "../core/errors.js";
import type { Env } from "./load.js";

export interface SettingsSource {
  /** @throws AppError `config` for a file that cannot be read, or is not whole */
  read(): Env;
  /** The files that the last reading named as they were before it, so that what is written meanwhile is a change. */
  seen(): string;
  /** The same files as they are now. */
  look(): string;
}

/** @param file of `--env-file` */
export function settingsSource(env: Env, file?: string): SettingsSource {
  const explicit = file === undefined ? env : withoutEmpty(env);
  let profiles: string | undefined;
  let seen = "";
  const ofFile = () => (file === undefined ? "" : stateOf(file));
  const ofProfiles = () => (profiles === undefined ? "" : stateOf(profiles));
  return {
    read() {
      const before = ofFile();
      seen = `${before}\n${ofProfiles()}`;
      const settings = file === undefined ? explicit : { ...readEnvFile(file), ...explicit };
      profiles = settings.RETRIEVAL_PROFILES_FILE?.trim() || undefined;
      seen = `${before}\n${ofProfiles()}`;
      return settings;
    },
    seen: () => seen,
    look: () => `${ofFile()}\n${ofProfiles()}`,
  };
}

/** Empty means unset, so that it hides no value of the file; but for EMBEDDING_MODEL, where it is a choice. */
function withoutEmpty(env: Env): Env {
  return Object.fromEntries(
    Object.entries(env).filter(([name, value]) => value?.trim() !== "" || name === "EMBEDDING_MODEL"),
  );
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
    remedy: "Give --env-file a readable file of NAME=value lines.",
    cause,
  });
}

const LOOK_EVERY_MS = 250;

/**
 * Looks at a source's files by what their names lead to, so that a link that is pointed elsewhere (a ConfigMap's) counts
 * as a change, as a file does that is replaced or edited in place. A change counts once the files stay as they are for a
 * look, and until they are read.
 * @param onChange reads the source
 */
export function watchFiles({ seen, look }: Pick<SettingsSource, "seen" | "look">, onChange: () => void) {
  let before = seen();
  const timer = setInterval(() => {
    const now = look();
    if (now !== seen() && now === before) onChange();
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
