import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrismaService } from '../../src/database/prisma.service.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

describe('createTestDatabase', () => {
  let databases: TestDatabase[];

  beforeAll(async () => {
    databases = await Promise.all(Array.from({ length: 6 }, createTestDatabase));
  });

  afterAll(async () => {
    await Promise.all(databases.map((database) => database.drop()));
  });

  it('makes migrated databases, at once, that do not see each other', async () => {
    const clients = databases.map(({ url }) => new PrismaService({ url }));
    await clients[0]!.auditEvent.create({
      data: {
        userId: '1',
        credentialKind: 'pat',
        credentialId: 'x',
        transport: 'mcp',
        operation: 'get_positions',
        arguments: {},
        outcome: 'ok',
        durationMs: 1,
        upstreamMs: 0,
        requestId: 'r',
      },
    });
    const counts = await Promise.all(clients.map((client) => client.auditEvent.count()));
    expect(counts).toEqual([1, 0, 0, 0, 0, 0]);
    await Promise.all(clients.map((client) => client.$disconnect()));
  });
});
