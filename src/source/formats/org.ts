/** Org: headlines by their stars, keywords of the file, blocks, drawers, tables. */
import { MarkupReader, markupFormat } from "./markup-reader.js";

const HEADLINE = /^(\*{1,50})\s+(\S.*)$/;
const STATE = /^(?:TO-?DO|DONE|NEXT|WAITING|WAIT|HOLD|CANCELLED|CANCELED|STARTED|SOMEDAY)\s+/;
const TAGS = /\s+:(?:[\p{L}\p{N}_@#%]+:)+$/u;
const KEYWORD = /^\s*#\+([\w-]{1,100}):(?:\s+(.*))?$/;
const CAPTION = /^\s*#\+caption:\s*/i;
/** Settings of the program that sets or shows the text. */
const SETTING =
  /^(?:startup|options|setupfile|include|latex|html|attr_|name$|property|todo|seq_todo|typ_todo|macro|export|select|exclude|bind|link$|priorities|columns|results|header|begin_|end_|plot|tblfm|call$|beamer|exclude_)/;
const BLOCK = /^\s*#\+begin_([\w-]{1,50})(?:\s|$)/i;
const END_OF_BLOCK = /^\s*#\+end_[\w-]/i;
const VERBATIM = /^(?:src|example|export)$/i;
const DRAWER = /^\s*:[\w-]{1,100}:$/;
const END_OF_DRAWER = /^\s*:end:$/i;
const COMMENT = /^\s*#(?:\s|$)/;
const TABLE = /^\s*\|/;
const RULE = /^\s*\|-/;
const LIST = /^\s*(?:[-+]|\d{1,9}[.)]|[a-zA-Z][.)])\s|^\s+\*\s/;
const FIXED = /^\s*:(?:\s|$)/;
/** Targets in front of the texts of links, and the brackets around both. */
const MARKUP = /\[\[[^[\]]{1,2000}\]\[|(?<=\S)\]\](?!\])|\[\[(?=[^[\]]{1,2000}\]\])/g;

class OrgReader extends MarkupReader {
  /** Stars of a headline that is a comment with all below it. */
  #silentBelow = Number.POSITIVE_INFINITY;
  #outermost = 0;

  protected step(): void {
    const isRead =
      this.#readHeadline() || this.#readSilent() || this.#readBlock() || this.#readDrawer() || this.#readTable();
    if (!isRead) this.#readParagraph();
  }

  protected title(): string | undefined {
    // The first of several headlines is a section.
    return this.fields.title ?? (this.#outermost === 1 ? this.out.title : undefined);
  }

  #readHeadline(): boolean {
    const [, stars = "", text = ""] = HEADLINE.exec(this.lines.at(this.line)) ?? [];
    if (stars === "") return this.#readUnderComment();
    this.hasText = true;
    const level = stars.length;
    if (level > this.#silentBelow) return this.#readUnderComment();
    const heading = text.replace(STATE, "").replace(/^\[#\w\]\s*/, "");
    this.#silentBelow = /^COMMENT(?:\s|$)/.test(heading) ? level : Number.POSITIVE_INFINITY;
    if (this.#silentBelow === level) return this.#readUnderComment();
    if (level === 1) this.#outermost++;
    this.enter(this.line + 1, level, plain(heading.replace(TAGS, "")));
    return true;
  }

  #readUnderComment(): boolean {
    if (this.#silentBelow === Number.POSITIVE_INFINITY) return false;
    this.leaveOut(this.line + 1);
    return true;
  }

  #readSilent(): boolean {
    const line = this.lines.at(this.line);
    const [, name = "", value = ""] = KEYWORD.exec(line) ?? [];
    if (CAPTION.test(line)) {
      this.out.leaveOut(this.lines.start(this.line) + (CAPTION.exec(line) as RegExpExecArray)[0].length);
      this.add(this.line + 1, "prose");
      return true;
    }
    if (name !== "") this.#addField(name.toLowerCase(), value);
    else if (!COMMENT.test(line) && !END_OF_BLOCK.test(line)) return false;
    this.leaveOut(this.line + 1);
    return true;
  }

  #addField(name: string, value: string): void {
    if (this.hasText || SETTING.test(name)) return;
    if (name === "filetags") this.fields.add("tags", value, /[:\s]+/);
    else this.fields.add(name, value);
  }

  /** Of code and examples every line is text; of other blocks only the lines between are read, as any text. */
  #readBlock(): boolean {
    const name = BLOCK.exec(this.lines.at(this.line))?.[1];
    if (name === undefined) return false;
    const end = this.lines.next(END_OF_BLOCK, this.line + 1);
    if (end === undefined || (!VERBATIM.test(name) && !/^comment$/i.test(name))) this.leaveOut(this.line + 1);
    else if (VERBATIM.test(name)) {
      this.leaveOut(this.line + 1);
      this.add(end, "lines");
      this.leaveOut(end + 1);
    } else this.leaveOut(end + 1);
    return true;
  }

  #readDrawer(): boolean {
    if (!DRAWER.test(this.lines.at(this.line))) return false;
    const end = this.lines.next(END_OF_DRAWER, this.line);
    const next = this.lines.next(HEADLINE, this.line);
    if (end === undefined || (next !== undefined && next < end)) return false;
    this.leaveOut(end + 1);
    return true;
  }

  #readTable(): boolean {
    if (!TABLE.test(this.lines.at(this.line))) return false;
    let end = this.line + 1;
    while (TABLE.test(this.lines.at(end))) end++;
    const names = RULE.test(this.lines.at(this.line)) ? this.line + 1 : this.line;
    const isHeader = names + 1 < end && RULE.test(this.lines.at(names + 1));
    this.add(end, "lines", isHeader ? this.lines.span(names) : undefined);
    return true;
  }

  #readParagraph(): void {
    const first = this.lines.at(this.line);
    const end = this.endOfParagraph(isSpecial);
    this.leaveOutMarkup(end, MARKUP);
    this.add(end, LIST.test(first) || FIXED.test(first) ? "lines" : "prose");
  }
}

/** A line that ends a paragraph above it. */
function isSpecial(line: string): boolean {
  return [HEADLINE, KEYWORD, BLOCK, END_OF_BLOCK, TABLE, COMMENT].some((pattern) => pattern.test(line));
}

/** Without marks around words, targets of links and counts of what is done. */
function plain(headline: string): string {
  return headline
    .replace(MARKUP, "")
    .replace(/\s*\[\d*(?:\/\d*|%)\]/g, "")
    .replace(/(?<![\w])[*/=~_+](?=\S)|(?<=\S)[*/=~_+](?![\w])/g, "");
}

export const org = markupFormat("org", "org-1", OrgReader);
