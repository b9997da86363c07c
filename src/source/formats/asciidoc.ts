/** AsciiDoc: sections by their signs, attributes of the document's header, delimited blocks. */
import { MarkupReader, markupFormat } from "./markup-reader.js";

const HEADING = /^(={1,6}|#{1,6})\s+(\S.*)$/;
const UNDERLINE = /^(?:=+|-+|~+|\^+|\++)$/;
const UNDERLINES = "=-~^+";
/** What an underline may be longer or shorter than its title. */
const UNDERLINE_SLACK = 2;
const ATTRIBUTE = /^:(!?[\w][\w-]{0,99}!?):(?:\s+(.*))?$/;
/** Settings of the program that sets the text. */
const SETTING =
  /^(?:toc|sect|icons|source-|imagesdir|iconsdir|style|linkcss|css|doctype|experimental|idprefix|idseparator|hide-|figure-|table-|example-|stem|xref|pp$|nofooter|noheader|compat|data-uri|copycss|highlightjs|rouge|coderay|pygments|max-width|partnums|page-layout|uri-)/;
const REVISION = /^v?(\d[\w.-]*)?,?\s*(\d{4}-\d\d-\d\d)?(?::\s.*)?$/;
/** Verbatim text between two equal lines; of the last, nothing is read. */
const VERBATIM = /^(?:-{4,}|\.{4,}|```.*|\+{4,}|\/{4,})$/;
const TABLE = /^[|!,:]===$/;
/** Around blocks whose text is read as any other. */
const TRANSPARENT = /^(?:={4,}|\*{4,}|_{4,}|--|\[{1,2}[^\]]*\]{1,2}|'{3,}|<{3,})$/;
const COMMENT = /^\/\/(?!\/)/;
const DIRECTIVE = /^(?:ifn?def|ifeval|endif|include|toc|video|audio)::?.*\[.*\]$/;
const LIST = /^\s*(?:\*{1,5}|-|\.{1,5}|\d{1,9}\.|[a-z]\.|<\d+>)\s|^\s*\S.{0,200}::(?:\s|$)/;
/** Addresses in front of their texts, what pictures are besides their texts, anchors, marks of cross references. */
const MARKUP =
  /(?:https?|ftp):\/\/[^\s[\]<>]{1,2000}(?=\[)|\b(?:link|xref|mailto|image|icon|anchor|footnote|kbd|btn|menu|pass|stem)::?[^\s[\]]{0,2000}(?=\[)|<<[^<>,]{1,500},(?=[^<>]{0,500}>>)|\[\[[^\]]{0,500}\]\]|\[(?:[#.%][^\]]{0,200})\](?=#)/gi;

class AsciiDocReader extends MarkupReader {
  /** Of delimiters the lines that they stand in, the next one last. */
  readonly #delimiters = new Map<string, number[]>();

  constructor(text: string) {
    super(text);
    for (let line = this.lines.count - 1; line >= 0; line--) {
      const delimiter = this.lines.at(line);
      if (!VERBATIM.test(delimiter) && !TABLE.test(delimiter)) continue;
      const lines = this.#delimiters.get(delimiter) ?? [];
      lines.push(line);
      this.#delimiters.set(delimiter, lines);
    }
  }

  protected step(): void {
    const isRead =
      this.#readSilent() || this.#readVerbatim() || this.#readTable() || this.#readHeading() || this.#readTransparent();
    if (!isRead) this.#readParagraph();
  }

  protected title(): string | undefined {
    return this.out.title ?? this.fields.title;
  }

  /** Comments, attributes, and what is resolved when the text is set. */
  #readSilent(): boolean {
    const line = this.lines.at(this.line);
    const attribute = ATTRIBUTE.exec(line);
    if (attribute !== null) this.#readAttribute(attribute);
    else if (COMMENT.test(line) || DIRECTIVE.test(line)) this.leaveOut(this.line + 1);
    else return false;
    return true;
  }

  /** A value goes on behind a backslash at its line's end. */
  #readAttribute([, name = "", first = ""]: RegExpExecArray): void {
    const values = [first];
    let end = this.line + 1;
    while (values.at(-1)?.endsWith("\\") && end < this.lines.count) values.push(this.lines.at(end++).trim());
    const value = values.map((each) => each.replace(/\s*\\$/, "")).join(" ");
    if (!this.hasText && !name.includes("!") && !SETTING.test(name)) this.fields.add(name, value);
    this.leaveOut(end);
  }

  #readVerbatim(): boolean {
    const delimiter = this.lines.at(this.line);
    if (!VERBATIM.test(delimiter)) return false;
    const end = this.#endOf(delimiter.startsWith("```") ? "```" : delimiter);
    if (delimiter.startsWith("/")) this.leaveOut(end);
    else this.add(end, "lines");
    return true;
  }

  #readTable(): boolean {
    const delimiter = this.lines.at(this.line);
    if (!TABLE.test(delimiter)) return false;
    const names = this.line + 1;
    const isHeader = !this.lines.isBlank(names) && this.lines.isBlank(names + 1);
    this.add(this.#endOf(delimiter), "lines", isHeader ? this.lines.span(names) : undefined);
    return true;
  }

  /** Behind the line that closes what this one opens; where none does, behind this one. */
  #endOf(delimiter: string): number {
    const lines = this.#delimiters.get(delimiter) ?? [];
    while (lines.length > 0 && (lines.at(-1) as number) <= this.line) lines.pop();
    return (lines.at(-1) ?? this.line) + 1;
  }

  #readHeading(): boolean {
    const line = this.lines.at(this.line);
    const [, signs = "", text = ""] = HEADING.exec(line) ?? [];
    const under = this.lines.at(this.line + 1);
    const isUnderlined =
      UNDERLINE.test(under) && /^[\p{L}\p{N}]/u.test(line) && Math.abs(under.length - line.length) <= UNDERLINE_SLACK;
    if (signs === "" && !isUnderlined) return false;
    const level = signs === "" ? UNDERLINES.indexOf(under[0] as string) + 1 : signs.length;
    const heading = signs === "" ? line : text.replace(/\s=+$/, "");
    this.enter(this.line + (signs === "" ? 2 : 1), level, plain(heading));
    if (level === 1 && !this.hasText) this.#readAuthors();
    return true;
  }

  /** `Name <address>; Name`, and below them `v1.0, 2024-05-17`. */
  #readAuthors(): void {
    const authors = this.lines.at(this.line);
    const isNamed = /^[\p{L}'.-]+(?:\s[\p{L}'.<>@;\s\d_-]+)?$/u.test(authors) && authors.length <= 500;
    if (this.lines.isBlank(this.line) || !isNamed) return;
    for (const author of authors.split(";")) this.fields.add("authors", author.replace(/<[^<>]*>/g, ""));
    this.leaveOut(this.line + 1);
    const [revision, version = "", date = ""] = REVISION.exec(this.lines.at(this.line)) ?? [];
    if (!revision) return;
    this.fields.add("revnumber", version);
    this.fields.add("revdate", date);
    this.leaveOut(this.line + 1);
  }

  #readTransparent(): boolean {
    const line = this.lines.at(this.line);
    if (!TRANSPARENT.test(line) && !/^\[[^[\]]*\]$/.test(line)) return false;
    this.leaveOut(this.line + 1);
    return true;
  }

  #readParagraph(): void {
    const first = this.lines.at(this.line);
    const end = this.endOfParagraph(isSpecial);
    this.leaveOutMarkup(end, MARKUP);
    this.add(end, LIST.test(first) || /^\s/.test(first) ? "lines" : "prose");
  }
}

/** A line that ends a paragraph above it. */
function isSpecial(line: string): boolean {
  return (
    VERBATIM.test(line) || TABLE.test(line) || TRANSPARENT.test(line) || COMMENT.test(line) || DIRECTIVE.test(line)
  );
}

/** Without marks around words, anchors and addresses. */
function plain(title: string): string {
  return title
    .replace(MARKUP, "")
    .replace(/(?<!\w)[`*_#+^~]{1,2}(?=\S)|(?<=\S)[`*_#+^~]{1,2}(?!\w)/g, "")
    .replace(/\[([^[\]]*)\]/g, "$1");
}

export const asciidoc = markupFormat("asciidoc", "asciidoc-1", AsciiDocReader);
