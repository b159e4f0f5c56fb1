// Loaded into every server under test (`node --import`): tells the benchmark what the process has used, by its own count.
process.on('message', (question) => {
  if (question === 'collect') globalThis.gc?.();
  process.send?.({ cpu: process.cpuUsage(), memory: process.memoryUsage() });
});
// Neither keeps a server alive nor outlives the benchmark.
process.channel?.unref();
process.on('disconnect', () => process.exit(0));
