import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

it('the image runs the service with the flags of `npm start`', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } };
  const command = /^CMD (?<command>\[.*\])$/m.exec(readFileSync('Dockerfile', 'utf8'))?.groups?.['command'] ?? '';
  expect((JSON.parse(command) as string[]).join(' ')).toBe(/ exec (?<command>node .*)$/.exec(scripts.start)?.[1]);
});
