import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './server-process.mjs';

/** Where and when this was measured. */
export function machine() {
  const processors = cpus();
  return {
    at: new Date().toISOString(),
    commit: git('rev-parse', '--short', 'HEAD'),
    changed: git('status', '--porcelain', '--untracked-files=no', '--', 'src', 'bench') !== '',
    node: process.version,
    system: `${type()} ${release()}`,
    processor: `${processors.length} × ${processors[0]?.model.trim()}`,
    memoryGb: Math.round(totalmem() / 1e9),
    load: loadavg()[0],
  };
}

/** Versions of what is compared. */
export function versions() {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'bench/package.json'), 'utf8'));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return { ours: version, ...dependencies };
}

function git(...args) {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // An archive of the sources has no history.
    return '';
  }
}
