/** One setting: its kind, when a change applies, and what it means. */
import type { Kind } from "./value-kinds.js";

/**
 * When a change applies. `profile`: at once, and a retrieval profile may set it; `live`: at once; `restart`: when the
 * server starts again.
 */
export type SettingScope = "profile" | "live" | "restart";

interface About {
  readonly scope: SettingScope;
  /** As it would be written in the environment; absent: none. */
  readonly default?: string | undefined;
  readonly meaning: string;
  readonly secret?: boolean | undefined;
}

/** @typeParam V undefined too where there is no default */
export interface Setting<V = unknown> extends About {
  readonly kind: Kind<V>;
}

export function setting<T>(kind: Kind<T>, about: About & { readonly default: string }): Setting<T>;
export function setting<T>(kind: Kind<T>, about: About & { readonly default?: undefined }): Setting<T | undefined>;
export function setting(kind: Kind<unknown>, about: About): Setting {
  return { kind, ...about };
}
