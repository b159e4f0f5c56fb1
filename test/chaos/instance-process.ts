import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CrashPoint } from '../../src/safety/crash-points.js';
import { LOUDEST, record } from '../support/run-logs/run-logs.js';
import type { Instruction, Order, Report } from './steering.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY_MS = 60_000;
const ANSWER_MS = 10_000;
const LOG_CHARACTERS = 20_000;

/** An instance.ts in a process of its own, seen from the driver. */
export class InstanceProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    /** Resolves when the process is gone. */
    readonly ended: Promise<void>,
    private readonly log: { text: string },
  ) {}

  /** @throws Error with what it wrote when it ends before it is ready, or takes longer than 60 s */
  static async start(environment: Readonly<Record<string, string>>): Promise<InstanceProcess> {
    const { PATH, HOME, TMPDIR } = process.env;
    const child = spawn(process.execPath, ['--import', './test/support/typescript.mjs', 'test/chaos/instance.ts'], {
      cwd: ROOT,
      env: { PATH, HOME, TMPDIR, ...environment, ...LOUDEST },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    // A channel that breaks because its process was killed is what these runs are about.
    child.on('error', () => undefined);
    const log = { text: '' };
    const note = (chunk: Buffer): void => void (log.text = (log.text + chunk.toString()).slice(-LOG_CHARACTERS));
    child.stdout!.on('data', note);
    child.stderr!.on('data', note);
    for (const stream of [child.stdout, child.stderr]) record(stream, 'chaos-instance');
    const ended = once(child, 'exit').then(() => undefined);
    const started = await reportOf(child, (report) => 'ready' in report, READY_MS, ended);
    if (started !== undefined && 'ready' in started) {
      return new InstanceProcess(child, `http://127.0.0.1:${started.ready}`, ended, log);
    }
    child.kill('SIGKILL');
    throw new Error(`an instance did not start:\n${log.text}`);
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The end of what it wrote. */
  get output(): string {
    return this.log.text;
  }

  /** @returns false when it died meanwhile */
  async arm(order: Order): Promise<boolean> {
    const armed = reportOf(this.child, (report) => 'armed' in report, ANSWER_MS, this.ended);
    this.tell({ arm: order });
    return (await armed) !== undefined;
  }

  /** Waits until a held commit is at the point. @returns false when none came, or the process died */
  async reached(point: CrashPoint): Promise<boolean> {
    const here = (report: Report): boolean => 'reached' in report && report.reached === point;
    return (await reportOf(this.child, here, ANSWER_MS, this.ended)) !== undefined;
  }

  /** Lets held commits go and forgets what was ordered. */
  release(): void {
    this.tell({ release: true });
  }

  async kill(): Promise<void> {
    if (this.alive) this.child.kill('SIGKILL');
    await this.ended;
  }

  /** SIGSTOP, and SIGCONT after that time: by a shell of its own, so that nothing stays stopped when the driver dies. */
  async stopFor(ms: number): Promise<void> {
    const script = 'kill -STOP "$1" && sleep "$2" && kill -CONT "$1"';
    const shell = spawn('sh', ['-c', script, 'sh', String(this.child.pid), String(ms / 1000)], {
      stdio: 'ignore',
      detached: true,
    });
    await once(shell, 'exit');
  }

  private tell(instruction: Instruction): void {
    // Killed meanwhile: nobody is there to be told.
    if (this.child.connected) this.child.send(instruction, () => undefined);
  }
}

async function reportOf(
  child: ChildProcess,
  wanted: (report: Report) => boolean,
  boundMs: number,
  ended: Promise<void>,
): Promise<Report | undefined> {
  return new Promise((resolve) => {
    const settle = (report?: Report): void => {
      clearTimeout(late);
      child.off('message', listen);
      resolve(report);
    };
    const late = setTimeout(settle, boundMs);
    const listen = (report: Report): void => void (wanted(report) && settle(report));
    child.on('message', listen);
    void ended.then(() => settle());
  });
}
