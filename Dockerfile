# The service as an image: production dependencies only, not root, nothing written to its own file system.
# Build: docker build -t tradecafe-mcp-backend .
# The current LTS, by Node's schedule since 28 October 2026 and until April 2029. Older: `--build-arg NODE_VERSION=24`.
ARG NODE_VERSION=26

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No package needs its install script; not running any is one thing less to trust.
RUN npm ci --include=dev --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json nest-cli.json prisma.config.ts ./
COPY scripts ./scripts
COPY prisma ./prisma
COPY src ./src
RUN npm run build
# Out goes what only development needs, and what is optional: the embedded database (production refuses to start without
# DATABASE_URL) and Prisma's command line. One optional package stays: the binary of the token hash.
RUN mv node_modules/@node-rs native \
  && npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/@node-rs node_modules/.cache \
  && mv native node_modules/@node-rs

FROM node:${NODE_VERSION}-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
# Owned by root and run as node: the process cannot change its own code, also without a read-only file system.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/prisma/migrations ./prisma/migrations
USER node
EXPOSE 3000
# Liveness: starting anew helps a process that hangs, never a database that is away (that is readiness, for the proxy).
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["node", "dist/cli/health.js"]
# Few collections: each makes the compiler begin anew with what it threw away (docs/performance.md).
CMD ["node", "--enable-source-maps", "--max-semi-space-size=32", "--no-memory-reducer", "--heap-growing-percent=200", "dist/main.js"]
