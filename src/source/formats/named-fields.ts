/** Fields that a text names line by line, typed as those of front matter. */
import type { Metadata } from "../../core/types.js";
import { fieldsOf } from "./front-matter-fields.js";
import { parseYaml } from "./front-matter-languages.js";

const MAX_FIELDS = 500;
/** Longer values are text. */
const MAX_TYPED_LENGTH = 200;
const LISTS = /^(?:tags|keywords|categories|authors|aliases)$/;

export class NamedFields {
  readonly #fields = new Map<string, unknown>();

  /** Of a name that stands twice both values count. @param separator between the values of a list */
  add(name: string, value: string, separator = /[,;]/): void {
    const field = name.trim().toLowerCase().replace(/\s+/g, "_");
    const text = value.trim();
    if (field === "" || text === "" || this.#fields.size >= MAX_FIELDS) return;
    const values = LISTS.test(field) ? text.split(separator).map((each) => each.trim()) : [typed(text)];
    const before = this.#fields.get(field);
    const all = [...(before === undefined ? [] : [before].flat()), ...values];
    this.#fields.set(field, all.length === 1 && !LISTS.test(field) ? all[0] : all);
  }

  get title(): string | undefined {
    const title = this.#fields.get("title");
    return title === undefined ? undefined : [title].flat().join(" ");
  }

  /** All but the title. */
  get metadata(): Metadata {
    const { title: _, ...metadata } = fieldsOf(Object.fromEntries(this.#fields));
    return metadata;
  }
}

function typed(text: string): unknown {
  if (text.length > MAX_TYPED_LENGTH) return text;
  try {
    const value = parseYaml(text);
    return typeof value === "number" || typeof value === "boolean" || typeof value === "string" ? value : text;
  } catch {
    return text;
  }
}
