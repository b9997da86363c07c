/** How a question is read into terms: what retrieval is given, whole. */
import { ANALYSER_VERSION } from "./analyser.js";
import { isEnglish } from "./english.js";
import { exactTerms } from "./exact-terms.js";
import { phrases } from "./phrases.js";

export const READING = { analyser: ANALYSER_VERSION, exactTerms, phrases, isEnglish } as const;
