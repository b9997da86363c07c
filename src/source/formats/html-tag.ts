/** Start tags: what an element is for, by its name and attributes. */

export interface Tag {
  readonly name: string;
  /** Only those of ATTRIBUTES. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Attributes that say how an element is read. */
const ATTRIBUTES = new Set(["alt", "aria-hidden", "class", "hidden", "role", "style"]);

const NO_TEXT = new Set("script style noscript template svg iframe object annotation annotation-xml".split(" "));
const PAGE_ROLES = new Set(["navigation", "banner", "contentinfo"]);
const LINE_NUMBERS = /(?:^|\s)(?:linenos|lineno|linenodiv|lnt|rouge-gutter|hljs-ln-numbers|blob-num)(?:\s|$)/;
const UNSEEN = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/i;
/** What the text of a link to the heading that it stands in consists of. */
const PERMALINK = /^\s*(?:[#\u00b6\u00a7\u{1f517}]|&(?:#182|#xb6|para|#167|sect|#35);)\s*<\/a/iu;

/** A tag while it is read. */
export class TagReader implements Tag {
  name = "";
  attributes = new Map<string, string>();
  #attribute = "";

  begin(name: string): void {
    this.name = name;
    this.attributes = new Map();
  }

  /** Of two attributes with one name the first counts. */
  attribute(name: string): void {
    this.#attribute = ATTRIBUTES.has(name) && !this.attributes.has(name) ? name : "";
    if (this.#attribute !== "") this.attributes.set(name, "");
  }

  value(piece: string): void {
    const name = this.#attribute;
    if (name !== "") this.attributes.set(name, this.attributes.get(name) + piece);
  }
}

/** Never shown as text. */
export function isNoText({ name }: Tag): boolean {
  return NO_TEXT.has(name);
}

/** Hidden from every reader, or from those who listen. */
export function isHidden({ name, attributes }: Tag): boolean {
  if (name === "html" || name === "body") return false;
  const hidden = attributes.get("hidden")?.toLowerCase();
  return (
    (hidden !== undefined && hidden !== "until-found") ||
    attributes.get("aria-hidden")?.toLowerCase() === "true" ||
    UNSEEN.test(attributes.get("style") ?? "")
  );
}

/** Around the text of a page: navigation, its header and footer, links to headings, line numbers. */
export function isPageFrame(tag: Tag, inSection: boolean, following: string): boolean {
  const { name, attributes } = tag;
  const classes = attributes.get("class") ?? "";
  if (name === "nav" || PAGE_ROLES.has(roleOf(tag))) return true;
  if (name === "header" || name === "footer") return !inSection;
  if (name === "a") return /(?:^|\s)(?:headerlink|hash-link)(?:\s|$)/.test(classes) || PERMALINK.test(following);
  if (name === "td" && /(?:^|\s)gutter(?:\s|$)/.test(classes)) return true;
  return ["td", "th", "span", "div", "a"].includes(name) && LINE_NUMBERS.test(classes);
}

export function isMain(tag: Tag): boolean {
  return tag.name === "main" || roleOf(tag) === "main";
}

function roleOf({ attributes }: Tag): string {
  return attributes.get("role")?.trim().toLowerCase() ?? "";
}
