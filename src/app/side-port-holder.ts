/** The metrics port, once it is asked for. */
import type { BootConfig } from "../config/boot.js";
import type { Logger } from "../telemetry/log.js";
import type { Metrics } from "../telemetry/metrics.js";
import { type SidePort, startSidePort } from "../telemetry/side-port.js";

export interface SidePortStatus {
  readonly state: SidePort["state"] | "off" | "starting";
  readonly port?: number | undefined;
  readonly reason?: string | undefined;
}

export class SidePortHolder {
  #opened: SidePort | undefined;
  #opening: Promise<SidePort> | undefined;

  constructor(
    private readonly boot: BootConfig,
    private readonly metrics: Metrics,
    private readonly log: Logger,
  ) {}

  get status(): SidePortStatus {
    const { metrics } = this.boot;
    if (metrics.kind === "off") return { state: "off", reason: metrics.reason };
    if (this.#opened === undefined) return { state: "starting" };
    const { close: _, ...status } = this.#opened;
    return status;
  }

  open(): void {
    const { metrics } = this.boot;
    if (metrics.kind === "off") return;
    this.#opening ??= startSidePort({
      host: metrics.host,
      port: metrics.port,
      metrics: () => this.metrics.expose(),
      warn: (message) => this.log.warn(message),
    });
    void this.#opening.then((port) => {
      this.#opened = port;
    });
  }

  async close(): Promise<void> {
    await (await this.#opening)?.close();
  }
}
