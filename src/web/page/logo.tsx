/** The mark: a cup whose steam are three price bars. The same drawing as assets/favicon.svg. */
export function Logo() {
  return (
    <svg class="logo" viewBox="5 3 22 25" width="24" height="27" aria-hidden="true">
      <g fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
        <path d="M7 16h14v5a5 5 0 0 1-5 5h-4a5 5 0 0 1-5-5z" />
        <path d="M21 17.5h1.5a3 3 0 0 1 0 6h-2" />
        <path d="M10 6.5v6M14 4.5v8M18 8v4.5" />
      </g>
    </svg>
  );
}
