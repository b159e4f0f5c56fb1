export interface CodeBlockProps {
  /** Unique on the page. */
  readonly id: string;
  /** What it is, for people who only hear the page. */
  readonly label: string;
  readonly text: string;
}

/** Text to take elsewhere, with a copy button that the script reveals. */
export function CodeBlock({ id, label, text }: CodeBlockProps) {
  return (
    <div class="code" role="group" aria-label={label}>
      <pre>
        <code id={id}>{text}</code>
      </pre>
      <button class="copy" type="button" data-copy={id} aria-live="polite" hidden>
        Copy
      </button>
    </div>
  );
}
