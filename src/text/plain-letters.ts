/** Letters that stand for others, as a PDF's ligatures, full-width and mathematical ones do: no model knows them. */
const FORMS =
  /[\u{fb00}-\u{fb06}\u{fb13}-\u{fb17}\u{fb50}-\u{fdfc}\u{fe70}-\u{fefc}\u{ff01}-\u{ff5e}\u{ff66}-\u{ff9f}\u{1d400}-\u{1d7ff}]+/gu;
const ANY_FORM = /[\ufb00-\uffff\ud835]/;

/** With the letters that are meant; everything else stays as it is. */
export function plainLetters(text: string): string {
  return ANY_FORM.test(text) ? text.replace(FORMS, (forms) => forms.normalize("NFKC")) : text;
}
