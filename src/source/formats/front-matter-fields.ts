/** A parsed mapping as flat, filterable fields: `author: { name: … }` becomes `author.name`. */
import { TomlDate } from "smol-toml";
import type { Metadata, Scalar } from "../../core/types.js";

/** Of names and values together: aliases of aliases write gigabytes in a few lines. */
const MAX_CHARACTERS = 65_536;

/** Strings, numbers, booleans, dates as ISO strings, and lists of them; nulls and lists in lists are left out. */
export function fieldsOf(mapping: object): Metadata {
  const fields = new Fields();
  fields.addAll(mapping);
  return fields.metadata;
}

class Fields {
  readonly #fields = new Map<string, Scalar | Scalar[]>();
  #left = MAX_CHARACTERS;

  get metadata(): Metadata {
    return Object.fromEntries(this.#fields);
  }

  /** @param isListed the mapping stands in a list, and so do the values of all others there */
  addAll(mapping: object, prefix = "", isListed = false): void {
    if (this.#left <= 0) return;
    for (const [key, value] of Object.entries(mapping)) {
      const name = `${prefix}${key}`;
      this.#left -= name.length + 1;
      if (this.#left <= 0) return;
      if (Array.isArray(value)) this.#addList(name, value);
      else this.#addValue(name, value, isListed);
    }
  }

  #addList(name: string, values: readonly unknown[]): void {
    for (const value of values) {
      this.#left--;
      if (this.#left <= 0) return;
      if (!Array.isArray(value)) this.#addValue(name, value, true);
    }
  }

  #addValue(name: string, value: unknown, isListed: boolean): void {
    const scalar = scalarOf(value);
    if (scalar !== undefined) this.#add(name, scalar, isListed);
    else if (typeof value === "object" && value !== null) this.addAll(value, `${name}.`, isListed);
  }

  #add(name: string, value: Scalar, isListed: boolean): void {
    this.#left -= value.toString().length;
    if (this.#left <= 0) return;
    const known = this.#fields.get(name);
    if (Array.isArray(known)) known.push(value);
    else if (known === undefined) this.#fields.set(name, isListed ? [value] : value);
  }
}

/** Undefined for what is none, or says nothing. */
function scalarOf(value: unknown): Scalar | undefined {
  if (value instanceof TomlDate) return isoOf(value);
  if (typeof value === "string") return value.trim() || undefined;
  if (typeof value === "bigint") return value.toString();
  return typeof value === "boolean" || Number.isFinite(value) ? (value as boolean | number) : undefined;
}

/** A time without an offset is taken for UTC, as YAML takes it. */
function isoOf(date: TomlDate): string {
  return date.isDateTime() ? new Date(date.getTime()).toISOString() : date.toISOString();
}
