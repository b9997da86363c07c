/**
 * Guard of the `Host` header against DNS rebinding: a web page whose name resolves to 127.0.0.1 reaches local ports through the browser, but its
 * requests carry the page's own name in `Host`.
 */
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
const EVERY_INTERFACE: ReadonlySet<string> = new Set(["0.0.0.0", "[::]"]);
const HOST_HEADER = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/;

/** Whether a request with this `Host` header, any port, may be answered by a server bound to `bindHost`. */
export function hostGuard(bindHost: string): (hostHeader: string | undefined) => boolean {
  const bound = bracketed(bindHost.toLowerCase());
  // Bound to every interface, the server cannot know the names it is reached by.
  if (EVERY_INTERFACE.has(bound)) return () => true;
  const names = isLoopback(bound) ? new Set([...LOOPBACK, bound]) : new Set([bound]);
  return (hostHeader) => {
    const name = HOST_HEADER.exec(hostHeader?.toLowerCase() ?? "")?.[1];
    return name !== undefined && names.has(name);
  };
}

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

function isLoopback(host: string): boolean {
  return LOOPBACK.has(host) || /^127(?:\.\d{1,3}){3}$/.test(host);
}
