/** Patterns of paths in filters: a folder by its `/`, or a glob. Quadratic in the lengths at worst, whatever they hold. */

/** `*` stands for anything within a name, `?` for one character of it, `**` for any folders. */
export function isPathPattern(value: string): boolean {
  return /[*?]/.test(value) || value.endsWith("/");
}

/** What every path begins with that fits. */
export function literalStart(pattern: string): string {
  return /^[^*?]*/.exec(pattern)?.[0] ?? "";
}

/** Whichever way either composes its letters. */
export function fitsPath(pattern: string, path: string): boolean {
  const names = (pattern.endsWith("/") ? `${pattern}**` : pattern).normalize().split("/");
  return fits(names, path.normalize().split("/"), { isAny: (name) => name === "**", isEqual: fitsName });
}

function fitsName(pattern: string, name: string): boolean {
  return fits([...pattern], [...name], { isAny: (sign) => sign === "*", isEqual: (a, b) => a === "?" || a === b });
}

interface Rules {
  /** Whether it stands for any number of parts, none included. */
  isAny(part: string): boolean;
  isEqual(pattern: string, part: string): boolean;
}

/** Greedy, and back to the last part that stands for any: what an earlier one could take instead changes nothing. */
function fits(pattern: readonly string[], parts: readonly string[], { isAny, isEqual }: Rules): boolean {
  let at = 0;
  let back = -1;
  let from = 0;
  for (let i = 0; i < parts.length; ) {
    const wanted = pattern[at];
    if (wanted !== undefined && isAny(wanted)) {
      back = at++;
      from = i;
    } else if (wanted !== undefined && isEqual(wanted, parts[i] as string)) {
      at++;
      i++;
    } else if (back === -1) return false;
    else {
      at = back + 1;
      i = ++from;
    }
  }
  return pattern.slice(at).every(isAny);
}
