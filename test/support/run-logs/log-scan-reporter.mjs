// Fails the run when a credential that the tests were given stands in what the services under test logged.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { scanLogs } from './log-scan.mjs';

const SHOWN = 5;

export default class LogScanReporter {
  #error;

  /** What Jest kept of the console is a log, too. */
  onTestResult(_test, { console: entries, testFilePath }) {
    if (process.env.TEST_LOGS === undefined || !entries?.length) return;
    const lines = entries.map(({ message }) => `${testFilePath}: ${message}\n`).join('');
    appendFileSync(join(process.env.TEST_LOGS, 'console.log'), lines);
  }

  onRunComplete() {
    const directory = process.env.TEST_LOGS;
    if (directory === undefined) return;
    const { findings } = scanLogs(directory);
    if (findings.length === 0) return;
    process.env.TEST_LOGS_KEPT = 'yes';
    const lines = findings.slice(0, SHOWN).map((finding) => `  ${finding.slice(0, 400)}`);
    this.#error = new Error(
      `Credentials stand in ${findings.length} log lines of this run, kept in ${directory}:\n${lines.join('\n')}`,
    );
    process.stderr.write(`\n${this.#error.message}\n`);
  }

  /** Jest's way for a reporter to fail the run. */
  getLastError() {
    return this.#error;
  }
}
