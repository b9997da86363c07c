/** The kinds of values that settings have, from text. */
import { z } from "zod";

export const flag = z.stringbool({ truthy: ["1", "true"], falsy: ["0", "false"] });
export const whole = (min: number, max: number) =>
  z.string().regex(/^\d+$/, "a whole number").transform(Number).pipe(z.number().min(min).max(max));
export const decimal = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, "a number")
    .transform(Number)
    .pipe(z.number().min(min).max(max));
export const auto = (min: number, max: number) =>
  z.union([z.literal("auto").transform(() => undefined), whole(min, max)]);
export const text = z.string();
export const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "letters, digits, '_', '.', '-', at most 64");
export const names = z
  .string()
  .transform((list) =>
    list
      .split(",")
      .map((each) => each.trim())
      .filter(Boolean),
  )
  .pipe(z.array(name));

export const urls = z.string().refine((list) => list.split(",").every((url) => isPlainAddress(url.trim())), {
  error: "http or https addresses separated by commas, without user, password or query",
});

function isPlainAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password, search, hash } = new URL(address);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === "";
}

/** A user and password in it are allowed: a mirror may want them. */
export const webAddress = z
  .string()
  .refine((address) => URL.canParse(address) && /^https?:$/.test(new URL(address).protocol), {
    error: "an http or https address, scheme included",
  });
