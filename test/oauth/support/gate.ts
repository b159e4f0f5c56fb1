import { Client } from 'pg';
import { until } from '../../support/until.js';

const LOCK = 4711;

/** Where a transaction of the authorization server may be stopped. */
export type Place =
  /** Before the refresh token or code is marked as used. */
  | 'before_use'
  /** After that, before its successor is written. */
  | 'before_successor'
  /** With everything written, while it commits: who is killed here has committed and never said so. */
  | 'commit';

const waits = (name: string, condition: string): string => `
  CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF ${condition} THEN PERFORM pg_advisory_xact_lock_shared(${LOCK}); END IF;
    RETURN NEW;
  END $$;`;

const SETUP = `
  CREATE TABLE gates (grant_id uuid, place text);
  ${waits('gate_artifact', 'EXISTS (SELECT FROM gates g WHERE g.grant_id = NEW.grant_id AND g.place = TG_ARGV[0])')}
  ${waits('gate_always', 'true')}
  CREATE TRIGGER gate_use BEFORE UPDATE ON oauth_artifacts FOR EACH ROW
    WHEN (NEW.consumed_at IS NOT NULL) EXECUTE FUNCTION gate_artifact('before_use');
  CREATE TRIGGER gate_successor BEFORE INSERT ON oauth_artifacts FOR EACH ROW
    WHEN (NEW.model = 'RefreshToken') EXECUTE FUNCTION gate_artifact('before_successor');
  CREATE CONSTRAINT TRIGGER gate_commit AFTER INSERT ON oauth_artifacts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.model = 'RefreshToken') EXECUTE FUNCTION gate_artifact('commit');
  CREATE TRIGGER gate_consent BEFORE UPDATE ON oauth_artifacts FOR EACH ROW
    WHEN (NEW.model = 'Interaction') EXECUTE FUNCTION gate_always();`;

/** Stops transactions in the database itself, at a known place and for as long as it is shut. */
export class Gate {
  private constructor(private readonly client: Client) {}

  static async build(url: string): Promise<Gate> {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(SETUP);
    return new Gate(client);
  }

  /** From now on transactions stop: those of these grants at their places, and every consent between its grant and its end. */
  async shut(places: ReadonlyMap<string, Place>): Promise<void> {
    for (const entry of places) await this.client.query('INSERT INTO gates VALUES ($1, $2)', entry);
    await this.client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  }

  /** @returns process ids of the database that stand at the gate, once there are so many */
  async waiting(count: number): Promise<number[]> {
    return until(
      () => this.stopped(),
      ({ length }) => length >= count,
      60_000,
    );
  }

  /** Opens the gate for good, and waits until those who stood there are through and gone. */
  async open(stopped: readonly number[]): Promise<void> {
    await this.client.query('DELETE FROM gates');
    await this.client.query('SELECT pg_advisory_unlock($1)', [LOCK]);
    const left = async (): Promise<number> => {
      const { rowCount } = await this.client.query('SELECT FROM pg_stat_activity WHERE pid = ANY($1)', [stopped]);
      return rowCount!;
    };
    const count = await until(left, (processes) => processes === 0, 60_000);
    if (count > 0) throw new Error(`${count} transactions of the killed process do not end`);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  private async stopped(): Promise<number[]> {
    const { rows } = await this.client.query<{ pid: number }>(
      `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [LOCK],
    );
    return rows.map(({ pid }) => pid);
  }
}
