// Comfort only: every page works without this file.

const COPIED_MS = 2000;

/** Shows the copy buttons, which are of no use without script, and makes them work. */
function wireCopyButtons() {
  for (const button of document.querySelectorAll('button[data-copy]')) {
    const source = document.getElementById(button.dataset.copy);
    if (source === null || navigator.clipboard === undefined) continue;
    button.hidden = false;
    button.addEventListener('click', () => void copy(source, button));
  }
}

async function copy(source, button) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = 'Copied';
  } catch {
    // The browser refused (no permission): mark the text, so that one key press copies it.
    getSelection()?.selectAllChildren(source);
    button.textContent = 'Press Ctrl+C';
  }
  setTimeout(() => {
    button.textContent = 'Copy';
  }, COPIED_MS);
}

/** Lets "One by one" start from what the preset before it meant. */
function wirePresets() {
  const boxes = [...document.querySelectorAll('input[name="scopes"]')];
  for (const preset of document.querySelectorAll('input[name="preset"][data-scopes]')) {
    preset.addEventListener('change', () => {
      const scopes = preset.dataset.scopes.split(' ');
      for (const box of boxes) box.checked = scopes.includes(box.value);
    });
  }
}

/** Counts the tools that the stylesheet leaves for the chosen permissions, and names the largest trade as it is typed. */
function wireToolPreview() {
  const form = document.querySelector('.token-form:has(.tool-preview)');
  if (form === null) return;
  for (const button of form.querySelectorAll('[data-without-script]')) button.hidden = true;
  const rows = [...form.querySelectorAll('.tool-list [data-scope]')];
  const count = form.querySelector('[data-tool-count]');
  const clause = form.querySelector('[data-cap-clause]');
  const cap = clause.querySelector('[data-cap]');
  const unknown = cap.textContent;
  const update = () => {
    const open = rows.filter((row) => getComputedStyle(row).display !== 'none').length;
    setText(count, `This token will see ${open} of ${rows.length} tools`);
    const typed = form.elements.max_trade_usdt.value.trim();
    clause.hidden = typed === '';
    setText(cap, /^\d{1,10}(?:\.\d{1,2})?$/.test(typed) ? `${typed} USDT` : unknown);
  };
  form.addEventListener('input', update);
  addEventListener('pageshow', update);
  update();
}

/** Screen readers read what changes in a live region: only what really did. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A second press while the first is under way would answer "sent before" instead of showing the new token. */
function wireSubmitOnce() {
  const forms = [...document.querySelectorAll('.token-form')];
  for (const form of forms) {
    form.addEventListener('submit', (event) => {
      if (form.dataset.sent === 'yes') event.preventDefault();
      form.dataset.sent = 'yes';
    });
  }
  addEventListener('pageshow', () => {
    for (const form of forms) delete form.dataset.sent;
  });
}

/** Browsers carry a fragment along to the login page, but not into what its form posts. */
function wireSignIn() {
  const next = document.querySelector('form[action="/login"] input[name="next"]');
  if (next !== null && !next.value.includes('#')) next.value += location.hash;
}

/** The real call behind "Test it". */
function wireTest() {
  const section = document.querySelector('[data-test-endpoint]');
  const token = document.getElementById('token')?.textContent;
  if (section === null || !token) return;
  const button = section.querySelector('button');
  const result = section.querySelector('output');
  section.hidden = false;
  button.addEventListener('click', () => void test());

  async function test() {
    button.disabled = true;
    result.textContent = 'Asking …';
    try {
      result.textContent = await listTools(section.dataset.testEndpoint, token);
    } catch (error) {
      result.textContent = `No answer from there: ${error.message}. Is this address reachable from your computer?`;
    }
    button.disabled = false;
  }
}

async function listTools(endpoint, token) {
  const response = await fetch(endpoint, {
    method: 'POST',
    credentials: 'omit',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  // One event of a stream, or plain JSON: the endpoint may answer in either.
  const answer = JSON.parse(/^data: ?(.+)$/m.exec(text)?.[1] ?? text);
  if (!response.ok || answer.error !== undefined) {
    return `Refused (${response.status}): ${answer.error?.message ?? answer.detail ?? answer.title ?? text}`;
  }
  const names = answer.result.tools.map(({ name }) => name);
  return `It works. This token opens ${names.length} tools: ${names.join(', ')}.`;
}

wireCopyButtons();
wirePresets();
wireToolPreview();
wireSubmitOnce();
wireSignIn();
wireTest();
