import { stopTestServer } from './test-server-handle.mjs';

export default stopTestServer;
