export function scanLogs(directory: string): { logs: number; issued: number; findings: string[] };
