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

wireCopyButtons();
wirePresets();
