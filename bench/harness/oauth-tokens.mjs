import { randomUUID } from 'node:crypto';
import { randomBase62 } from '../../dist/auth/base62.js';
import { ArtifactStore } from '../../dist/auth/oauth/storage/artifact.store.js';
import { ALL_SCOPES } from '../../dist/auth/scopes.js';
import { PrismaService } from '../../dist/database/prisma.service.js';

/** An access token for `/mcp` for each of the users, as the token endpoint stores it. Good for an hour. */
export async function mintAccessTokens(service, users) {
  const { oauthGrant } = service.get(PrismaService);
  const artifacts = service.get(ArtifactStore);
  const tokens = [];
  for (const userId of users) {
    const grant = { userId, clientId: 'tradecafe-mcp', clientName: 'bench', resource: 'mcp', scopes: [...ALL_SCOPES] };
    const { id: grantId } = await oauthGrant.create({
      data: { ...grant, id: randomUUID(), expiresAt: new Date(Date.now() + 86_400_000) },
    });
    const token = `tc_at_${randomBase62(43)}`;
    const exp = Math.floor(Date.now() / 1000) + 3_600;
    const payload = { kind: 'AccessToken', jti: token, grantId, accountId: userId, scope: ALL_SCOPES.join(' '), exp };
    await artifacts.save('AccessToken', token, payload, 3_600);
    tokens.push(token);
  }
  return tokens;
}
