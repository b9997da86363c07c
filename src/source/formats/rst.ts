/** reStructuredText: sections by their underlines, fields, directives and literal blocks by their indentation. */
import type { Span } from "../../core/types.js";
import { MarkupReader, markupFormat } from "./markup-reader.js";

const ADORNMENT = /^([!-/:-@[-`{-~])\1+$/;
const LEAST_ADORNMENT = 4;
const FIELD = /^:((?:[^:\\\n]|\\.){1,100}):(?:\s+(.*))?$/;
const DIRECTIVE = /^\s*\.\. +(?:\|[^|\n]{1,200}\| +)?([\w:.+-]{1,100}?) ?::(?:\s+|$)/;
const FOOTNOTE = /^\s*\.\. +\[/;
const EXPLICIT = /^\s*\.\.(?: |$)/;
const SUBSTITUTION = /^\s*\.\. +\|/;
const OPTION = /^\s+:[\w-]+:/;
const ALTERNATIVE = /^\s+:alt:/;
/** Of which nothing is read. */
const SILENT = /^(?:raw|include|toctree|contents|sectnum|index|highlight|default-role|role|meta|automodule)$/;
/** Of which the argument is an address. */
const PICTURE = /^(?:image|figure|literalinclude)$/;
/** Of which the lines are not to be joined. */
const VERBATIM =
  /^(?:code|code-block|sourcecode|parsed-literal|math|productionlist|graphviz|digraph|prompt|ipython|list-table)$/;
const LIST = /^\s*(?:[-*+•]|\(?(?:\d{1,9}|#|[a-zA-Z])[.)])\s/;
const SIMPLE_BORDER = /^\s*=+(?: +=+)+$/;
const GRID_BORDER = /^\s*\+(?:-+\+)+$/;
const GRID_HEADER = /^\s*\+(?:=+\+)+$/;
/** Roles in front of what they are of, targets of links, marks of links. */
const MARKUP = /:[a-z][\w:.+-]{0,60}:(?=`)|\s?<[^<>`]{1,1000}>(?=`)|(?<=`)__?(?!\w)/gi;

class RstReader extends MarkupReader {
  /** Adornments by the order in which they came: the first is the outermost. */
  readonly #styles: string[] = [];

  protected step(): void {
    const isRead = this.#readHeading() || this.#readExplicit() || this.#readField() || this.#readTable();
    if (!isRead) this.#readParagraph();
  }

  protected title(): string | undefined {
    return this.fields.title ?? this.out.title;
  }

  #readHeading(): boolean {
    const [first, second, third] = [0, 1, 2].map((i) => this.lines.at(this.line + i)) as [string, string, string];
    const isOverlined = ADORNMENT.test(first) && first === third && /^\s*\S/.test(second) && !ADORNMENT.test(second);
    const [title, under] = isOverlined ? [second, third] : [first, second];
    const isLong = under.length >= Math.min(LEAST_ADORNMENT, title.trim().length);
    if (!isOverlined && (ADORNMENT.test(first) || /^\s/.test(first))) return false;
    if (!ADORNMENT.test(under) || !isLong) return false;
    const style = `${under[0]}${isOverlined}`;
    if (!this.#styles.includes(style)) this.#styles.push(style);
    if (isOverlined) this.leaveOut(this.line + 1);
    this.enter(this.line + 2, this.#styles.indexOf(style) + 1, plain(title));
    return true;
  }

  /** Directives, targets, footnotes, substitutions; whatever else begins with two dots is a comment. */
  #readExplicit(): boolean {
    const line = this.lines.at(this.line);
    if (!EXPLICIT.test(line)) return false;
    const end = this.lines.endOfIndented(this.line, this.lines.indent(this.line));
    const directive = SUBSTITUTION.test(line) ? null : DIRECTIVE.exec(line);
    if (directive !== null && !SILENT.test(directive[1] as string)) this.#readDirective(directive, end);
    else if (FOOTNOTE.test(line)) this.#readParagraph();
    else this.leaveOut(end);
    return true;
  }

  #readDirective([marker, name = ""]: RegExpExecArray, end: number): void {
    const start = this.lines.start(this.line);
    const silent = PICTURE.test(name) ? this.lines.at(this.line) : marker;
    this.out.unread.push({ start, end: start + silent.length });
    let behind = this.line + 1;
    for (; behind < end && OPTION.test(this.lines.at(behind)); behind++) {
      const option = this.lines.at(behind);
      const [unread = option] = ALTERNATIVE.exec(option) ?? [];
      this.out.unread.push({ start: this.lines.start(behind), end: this.lines.start(behind) + unread.length });
    }
    if (name === "csv-table") this.add(end, "lines", this.#nextLine(behind, end));
    else if (VERBATIM.test(name)) this.add(end, "lines");
    else this.add(behind, "prose");
  }

  /** That is not blank. */
  #nextLine(from: number, end: number): Span | undefined {
    let at = from;
    while (at < end && this.lines.isBlank(at)) at++;
    return at < end ? this.lines.span(at) : undefined;
  }

  #readField(): boolean {
    const found = this.hasText ? null : FIELD.exec(this.lines.at(this.line));
    if (found === null) return false;
    const end = this.lines.endOfIndented(this.line, 0);
    const [, name = "", value = ""] = found;
    const more = this.lines.text.slice(this.lines.start(this.line + 1), this.lines.start(end));
    this.fields.add(name, `${value} ${more}`.replace(/\s+/g, " "));
    this.leaveOut(end);
    return true;
  }

  #readTable(): boolean {
    const line = this.lines.at(this.line);
    const isGrid = GRID_BORDER.test(line);
    if (!isGrid && !SIMPLE_BORDER.test(line)) return false;
    const isHeader = (isGrid ? GRID_HEADER : SIMPLE_BORDER).test(this.lines.at(this.line + 2));
    const end = isGrid ? undefined : this.#endOfSimpleTable(isHeader ? 3 : 2);
    this.add(end ?? this.endOfParagraph(() => false), "lines", isHeader ? this.lines.span(this.line + 1) : undefined);
    return true;
  }

  /** It may have blank lines between its borders. */
  #endOfSimpleTable(borders: number): number | undefined {
    let end: number | undefined = this.line;
    for (let i = 0; i < borders && end !== undefined; i++) {
      const border: number | undefined = this.lines.next(SIMPLE_BORDER, end);
      end = border === undefined ? undefined : border + 1;
    }
    return end;
  }

  /** To the next blank line or directive; an indented text behind `::` is literal. */
  #readParagraph(): void {
    const first = this.lines.at(this.line);
    const end = this.endOfParagraph((line) => EXPLICIT.test(line));
    const isLiteral = this.lines.at(end - 1).endsWith("::");
    const indent = this.lines.indent(this.line);
    this.leaveOutMarkup(end, MARKUP);
    this.add(end, LIST.test(first) || /^\s*(?:>>> |\| )/.test(first) ? "lines" : "prose");
    const behind = isLiteral ? this.lines.endOfIndented(end - 1, indent) : end;
    if (behind > end) this.add(behind, "lines");
  }
}

/** Without marks around words, roles and targets. */
function plain(title: string): string {
  return title
    .replace(MARKUP, "")
    .replace(/``|(?<!\w)[`*|]{1,2}|[`*|]{1,2}(?!\w)/g, "")
    .replace(/\\(.)/g, "$1");
}

export const rst = markupFormat("rst", "rst-1", RstReader);
