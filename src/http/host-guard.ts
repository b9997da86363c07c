/**
 * Guard of the `Host` header against DNS rebinding: a web page whose name resolves to 127.0.0.1 reaches local ports through the browser, but its
 * requests carry the page's own name in `Host`.
 */
export const LOOPBACK_NAMES: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];
const EVERY_INTERFACE: ReadonlySet<string> = new Set(["0.0.0.0", "[::]"]);
const HOST_HEADER = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(\d{1,5}))?$/;
const MAX_PORT = 65_535;

/** Whether a request with this `Host` header, any port, may be answered by a server bound to `bindHost`. */
export function hostGuard(bindHost: string): (hostHeader: string | undefined) => boolean {
  const bound = bracketed(bindHost.toLowerCase());
  // Bound to every interface, the server cannot know the names it is reached by.
  if (EVERY_INTERFACE.has(bound)) return () => true;
  return hostsGuard(isLoopback(bound) ? [...LOOPBACK_NAMES, bound] : [bound]);
}

/** Whether a `Host` header has one of these names, any port. @param names in small letters, IPv6 in brackets */
export function hostsGuard(names: readonly string[]): (hostHeader: string | undefined) => boolean {
  return (hostHeader) => {
    const [, name, port] = HOST_HEADER.exec(hostHeader?.toLowerCase() ?? "") ?? [];
    return name !== undefined && Number(port ?? 0) <= MAX_PORT && names.includes(name);
  };
}

/** As it stands in addresses: IPv6 has brackets. */
export function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** @param host in small letters, IPv6 in brackets */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAMES.includes(host) || /^127(?:\.\d{1,3}){3}$/.test(host);
}
