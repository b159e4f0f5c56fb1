import type { Tool } from '../../tools/tool.js';
import { CodeBlock } from '../page/code-block.js';
import type { ReferenceEntry } from './reference.js';
import { ReferenceList } from './reference-list.js';
import { ScopeTable } from './scope-table.js';
import { SnippetList } from './snippet-list.js';
import { addByAddress, snippets } from './snippets.js';
import { ToolTable } from './tool-table.js';

export interface DocsPageProps {
  readonly apiPublicUrl: string;
  readonly tools: readonly Tool[];
  readonly reference: readonly ReferenceEntry[];
}

/** How to connect, what there is to call, and what each permission opens. */
export function DocsPage({ apiPublicUrl, tools, reference }: DocsPageProps) {
  return (
    <>
      <section class="hero">
        <p class="label">Model Context Protocol</p>
        <h1>Your TradeCafe account, inside the AI you already use</h1>
        <p class="lead">
          Ask about signals, positions and profit in your own words, and let the assistant prepare what you want done.
          You decide what it may see, and nothing is traded without a preview first.
        </p>
        <p class="actions">
          <a class="button" href="/settings/tokens#new">
            Create a token
          </a>
        </p>
        <p>
          A client that can sign in by itself, such as Claude, Cursor or VS Code, needs none, only this address. Your
          browser opens, and you read who asks for what before you allow it.
        </p>
        <CodeBlock id="endpoint" label="Address of the MCP endpoint" text={`${apiPublicUrl}/mcp`} />
        <p>
          In Claude Code that is this line, and then “Authenticate” under <code>/mcp</code>:
        </p>
        <CodeBlock id="by-address" label="For Claude Code, without a token" text={addByAddress(apiPublicUrl)} />
      </section>
      <section aria-labelledby="connect">
        <h2 id="connect">Connect in three steps</h2>
        <ol class="steps">
          <li>
            <h3>Create a token</h3>
            <p>
              On the <a href="/settings/tokens">tokens page</a>. Start with read only; you can always make another one.
            </p>
          </li>
          <li>
            <h3>Tell your client</h3>
            <p>
              Take your client’s text below and put your token where it says <code>YOUR_TOKEN</code>. The page that
              shows you a new token has it filled in already.
            </p>
          </li>
          <li>
            <h3>Ask</h3>
            <p>“How did my trades do this month?” is a good first question.</p>
          </li>
        </ol>
        <SnippetList snippets={snippets(apiPublicUrl)} />
      </section>
      <section aria-labelledby="tools">
        <h2 id="tools">Tools</h2>
        <p>What a client can call. It only sees those that its token opens.</p>
        <ToolTable tools={tools} />
      </section>
      <section aria-labelledby="scopes">
        <h2 id="scopes">Permissions</h2>
        <p>A token has one or more of these, and never gets more later.</p>
        <ScopeTable />
      </section>
      <section aria-labelledby="http">
        <h2 id="http">For your own programs</h2>
        <p>
          The same over plain HTTP: JSON, a token as <code>Authorization: Bearer</code>, errors as problem details with
          a stable <code>code</code>. Machines read <a href="/openapi.json">openapi.json</a>.
        </p>
        <ReferenceList entries={reference} />
      </section>
    </>
  );
}
