/** Folders of RETRIEVAL_ROOTS, and what in it a shell or a host was meant to replace and has not. */
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";

const QUOTED = /^(["']).*\1$/s;
const VARIABLE = /\$\{[^}]*\}|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%/;

export function rootsOf(text: string): string[] {
  const named = text.split(delimiter).filter((root) => root !== "");
  return named.map((root) => resolve(/^~(?=$|[/\\])/.test(root) ? join(homedir(), root.slice(1)) : root));
}

export function rootWarnings(text: string): string[] {
  return text.split(delimiter).flatMap((root) => {
    const why = reasonOf(root);
    return why === undefined ? [] : [`RETRIEVAL_ROOTS names ${JSON.stringify(root)}: ${why}`];
  });
}

function reasonOf(root: string): string | undefined {
  const variable = VARIABLE.exec(root)?.[0];
  if (variable !== undefined) return `nobody has replaced ${variable} in it; write the folder's own path`;
  if (QUOTED.test(root)) return "its quotation marks are part of the path; leave them out";
  if (/,\s*[/~]/.test(root)) return `a comma parts no folders; put ${JSON.stringify(delimiter)} between them`;
  return undefined;
}
