// Preloaded into a stdio process: a library that talks to standard output whenever something is fetched or a timer runs.
const { fetch } = globalThis;
globalThis.fetch = (...args) => {
  console.log('noise of a fetch');
  process.stdout.write('{"noise": "without an end of line"}');
  return fetch(...args);
};
