import type { Pool } from 'pg';

/**
 * Makes the database slow where it matters: between a commit's locks and the end of its first transaction. What only
 * works because that moment is short, fails then.
 */
export const slowLedger = {
  async install(db: Pool): Promise<void> {
    await db.query(`
      CREATE TABLE chaos_pause (seconds float8 NOT NULL);
      INSERT INTO chaos_pause VALUES (0);
      CREATE FUNCTION chaos_wait() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_sleep(seconds) FROM chaos_pause; RETURN NEW; END $$;
      CREATE TRIGGER chaos_wait AFTER INSERT ON commits FOR EACH ROW EXECUTE FUNCTION chaos_wait();`);
  },

  async set(db: Pool, ms: number): Promise<void> {
    await db.query('UPDATE chaos_pause SET seconds = $1', [ms / 1000]);
  },
};
