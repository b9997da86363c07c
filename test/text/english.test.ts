import { describe, expect, it } from "vitest";
import { isEnglish } from "#src/text/english.js";

describe("English, by its function words", () => {
  it.each([
    "How do I rotate the signing keys?",
    "when is the pool exhausted",
    "A passage is shown as it stands in the file; what is searched of it has no targets of links.",
  ])("is %s", (text) => {
    expect(isEnglish(text)).toBe(true);
  });

  it.each([
    "Was tun, wenn das Passwort vergessen wurde?",
    "¿A qué velocidad nada un delfín?",
    "Comment accorder un violon ?",
    "Come si pulisce il filtro della lavatrice?",
    "retry backoff jitter",
    "Как сменить пароль?",
    "",
  ])("is not %s", (text) => {
    expect(isEnglish(text)).toBe(false);
  });
});
