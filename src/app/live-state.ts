/** One state of the live configuration with its parts; replaced as a whole, kept by the calls that began with it. */
import type { LiveConfig } from "../config/load.js";
import { AppError } from "../core/errors.js";
import { DEFAULT_PROFILE, type RetrievalProfile } from "../core/profile.js";
import type { Session } from "./session.js";

export class LiveState {
  readonly config: LiveConfig;
  readonly session: Session;
  /** Calls and jobs that use it, and one for being the current one. */
  #users = 1;

  constructor(config: LiveConfig, session: Session) {
    this.config = config;
    this.session = session;
  }

  /** What answers where a call names no profile. */
  get profile(): RetrievalProfile {
    return this.config.profiles.get(DEFAULT_PROFILE) as RetrievalProfile;
  }

  /** @throws AppError `bad_request` */
  named(profile: string | undefined): RetrievalProfile {
    const found = this.config.profiles.get(profile ?? DEFAULT_PROFILE);
    if (found !== undefined) return found;
    const known = [...this.config.profiles.keys()].join(", ");
    throw new AppError("bad_request", `There is no profile "${profile?.slice(0, 100)}".`, {
      remedy: `Use one of ${known}, or leave "profile" out.`,
    });
  }

  /** Runs work on this state, whatever becomes current meanwhile. */
  async use<T>(work: (state: LiveState) => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work(this);
    } finally {
      this.leave();
    }
  }

  /** One user less: the last one closes the parts that no other state uses. */
  leave(): void {
    if (--this.#users === 0) this.session.close();
  }
}
