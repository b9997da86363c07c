/** Glyphs of a page, as they are drawn. */

/** What the glyphs of one text object have in common. */
export interface GlyphStyle {
  /** Of the type, in points, as it is drawn. */
  readonly size: number;
  readonly isBold: boolean;
  /** Degrees against the clock by which its lines are turned. */
  readonly turn: number;
}

/** Its place is measured along its line and across it, in points; on a line that is not turned these are x and y. */
export interface Glyph {
  readonly text: string;
  readonly style: GlyphStyle;
  readonly left: number;
  readonly right: number;
  /** Height of the base line above the page's lower edge. */
  readonly y: number;
  /** The library thinks that a blank comes before it. */
  readonly isBlankGuessed: boolean;
}
