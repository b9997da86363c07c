/** Ready-to-paste configuration of the clients, with this checkout's own command. */

export interface ServerCommand {
  readonly node: string;
  readonly server: string;
  /** Value of RETRIEVAL_ROOTS. */
  readonly roots: string;
}

export function clientConfigurations({ node, server, roots }: ServerCommand): string {
  const entry = { command: node, args: [server], env: { RETRIEVAL_ROOTS: roots } };
  const json = (value: unknown) => JSON.stringify(value, undefined, 2);
  return [
    "Claude Code (run this):",
    `claude mcp add aura-retrieval --env RETRIEVAL_ROOTS=${quote(roots)} -- ${quote(node)} ${quote(server)}`,
    "",
    "Claude Desktop (claude_desktop_config.json) and Cursor (.cursor/mcp.json):",
    json({ mcpServers: { "aura-retrieval": entry } }),
    "",
    "VS Code (.vscode/mcp.json):",
    json({ servers: { "aura-retrieval": { type: "stdio", ...entry } } }),
  ].join("\n");
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
