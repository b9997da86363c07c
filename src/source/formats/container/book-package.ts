/** What an EPUB says of itself: title and people, chapters in reading order, and what its table of contents calls them. */
import { posix } from "node:path";
import { readXml, type XmlTag } from "./xml.js";
import type { Zip } from "./zip.js";

/** https://www.w3.org/TR/epub-33/#sec-package-doc */
export interface BookPackage {
  readonly title: string | undefined;
  readonly authors: readonly string[];
  readonly language: string | undefined;
  readonly date: string | undefined;
  /** Names of entries, each once. */
  readonly chapters: readonly string[];
  /** By entry, where the table of contents has one. */
  readonly labels: ReadonlyMap<string, string>;
}

interface Item {
  readonly name: string;
  readonly type: string;
  readonly isContents: boolean;
}

const CHAPTER = /^(?:application\/xhtml\+xml|text\/html|text\/x-oeb1-document)$/;
const NCX = "application/x-dtbncx+xml";

/** @throws for what is no EPUB */
export function readBookPackage(zip: Zip): BookPackage {
  const path = rootFile(zip);
  const fields = new Map<string, string[]>();
  const items = new Map<string, Item>();
  const spine: string[] = [];
  let open: string[] | undefined;
  readXml(zip.text(path) ?? "", {
    open(tag) {
      if (tag.name === "item") items.set(tag.get("id") ?? "", itemOf(tag, path));
      else if (tag.name === "itemref") spine.push(tag.get("idref") ?? "");
      else if (!FIELDS.has(tag.name)) return undefined;
      else {
        open = fields.get(tag.name) ?? [];
        open.push("");
        fields.set(tag.name, open);
      }
      return undefined;
    },
    close(name) {
      if (FIELDS.has(name)) open = undefined;
    },
    text(data) {
      if (open !== undefined) open[open.length - 1] += data;
    },
  });
  const texts = (name: string) => (fields.get(name) ?? []).map(oneLine).filter((text) => text !== "");
  const listed = spine.flatMap((id) => items.get(id) ?? []);
  const chapters = listed.filter(({ type, isContents }) => CHAPTER.test(type) && !isContents);
  const contents = [...items.values()].find(({ isContents }) => isContents) ?? [...items.values()].find(isNcx);
  return {
    title: texts("title")[0],
    authors: texts("creator"),
    language: texts("language")[0],
    date: texts("date")[0],
    chapters: [...new Set(chapters.map(({ name }) => name))],
    labels: contents === undefined ? new Map() : labelsIn(zip.text(contents.name) ?? "", contents.name),
  };
}

const FIELDS = new Set(["title", "creator", "language", "date"]);

function isNcx({ type }: Item): boolean {
  return type === NCX;
}

function rootFile(zip: Zip): string {
  let path: string | undefined;
  readXml(zip.text("META-INF/container.xml") ?? "", {
    open(tag) {
      if (tag.name === "rootfile") path ??= tag.get("full-path");
      return undefined;
    },
    close: () => undefined,
  });
  if (path === undefined) throw new Error("it names no package document");
  return path;
}

function itemOf(tag: XmlTag, path: string): Item {
  return {
    name: entryOf(tag.get("href") ?? "", path),
    type: tag.get("media-type") ?? "",
    isContents: (tag.get("properties") ?? "").split(/\s+/).includes("nav"),
  };
}

/** Of a link in another entry, without its fragment. */
function entryOf(href: string, from: string): string {
  const [path = ""] = href.split("#", 1);
  return posix.resolve("/", posix.dirname(from), decoded(path)).slice(1);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The first label of each entry: `<a href>` of EPUB 3, `<text>` and `<content src>` of EPUB 2. */
function labelsIn(xml: string, from: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  let href: string | undefined;
  let label = "";
  const add = (target: string) => {
    const entry = entryOf(target, from);
    const text = oneLine(label);
    if (text !== "" && !labels.has(entry)) labels.set(entry, text);
  };
  readXml(xml, {
    open(tag) {
      if (tag.name === "a" || tag.name === "text") label = "";
      if (tag.name === "a") href = tag.get("href");
      if (tag.name === "content") add(tag.get("src") ?? "");
      return undefined;
    },
    close(name) {
      if (name !== "a" || href === undefined) return;
      add(href);
      href = undefined;
    },
    text(data) {
      label += data;
    },
  });
  return labels;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** Entries whose bytes are encrypted: fonts, or all of a book that is sold with a lock. */
export function encryptedEntries(zip: Zip): ReadonlySet<string> {
  const names = new Set<string>();
  readXml(zip.text("META-INF/encryption.xml") ?? "", {
    open(tag) {
      if (tag.name === "CipherReference") names.add(decoded(tag.get("URI") ?? ""));
      return undefined;
    },
    close: () => undefined,
  });
  return names;
}
