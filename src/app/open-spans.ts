/** Where spans go, and what of a call's content they hold. */
import type { BootConfig } from "../config/boot.js";
import { createContent } from "../telemetry/content.js";
import type { Logger } from "../telemetry/log.js";
import type { Metrics } from "../telemetry/metrics.js";
import { createSpanSink, resolveSpansPath } from "../telemetry/spans.js";

export function openSpans(boot: BootConfig, metrics: Metrics, log: Logger) {
  const { dataFolder } = boot;
  const path = resolveSpansPath({ configured: boot.spans.path, cwd: process.cwd(), dataDir: dataFolder });
  const sink = createSpanSink({
    path,
    onDrop: () => metrics.add("spans_dropped_total", {}),
    warn: (message) => log.warn(message),
  });
  return { sink, content: createContent({ dataDir: dataFolder, show: boot.spans.showContent }) };
}
