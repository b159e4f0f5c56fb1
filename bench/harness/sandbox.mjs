// The upstream of every contender: the bundled stand-in for pwa-be in a process of its own, with a user for each connection.
import { startSandbox } from '../../dist/sandbox/start-sandbox.js';
import { DEMO_USER } from '../../dist/config/demo.js';

const sandbox = await startSandbox({ port: Number(process.env.PORT), jwtSecret: process.env.PWA_BE_JWT_SECRET });
for (const user of JSON.parse(process.env.USERS)) sandbox.control.copyUser(DEMO_USER.id, user);
