/** Folders of RETRIEVAL_ROOTS, and what in it a shell or a host was meant to replace and has not: that names no folder. */
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";

const QUOTED = /^["'[]|["'\]]$/;
const VARIABLE = /\$\{[^}]*\}?|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%/;
const SEPARATED = /([,;])\s*["'/~]/;

export interface Roots {
  readonly folders: readonly string[];
  /** In one line each, by name and with the reason. */
  readonly refused: readonly string[];
}

export function rootsOf(text: string): Roots {
  const named = text.split(delimiter).filter((root) => root.trim() !== "");
  const judged = named.map((root) => ({ root, why: reasonOf(root) }));
  return {
    folders: judged.flatMap(({ root, why }) => (why === undefined ? [folder(root)] : [])),
    refused: judged.flatMap(({ root, why }) => (why === undefined ? [] : [`${JSON.stringify(root)}: ${why}`])),
  };
}

function folder(root: string): string {
  return resolve(/^~(?=$|[/\\])/.test(root) ? join(homedir(), root.slice(1)) : root);
}

function reasonOf(root: string): string | undefined {
  const variable = VARIABLE.exec(root)?.[0];
  if (variable !== undefined) return `nobody has replaced ${variable} in it; write the folder's own path`;
  const sign = SEPARATED.exec(root)?.[1];
  if (sign !== undefined) {
    const name = sign === "," ? "a comma" : "a semicolon";
    return `${name} parts no folders; put ${JSON.stringify(delimiter)} between them, without quotation marks`;
  }
  if (QUOTED.test(root)) return "its quotation marks or brackets are part of the path; leave them out";
  return undefined;
}
