/** Lines of markdown: what one instance serves, in figures of a report of which any part may be missing. */
export function capacityTable(report: object): string;

/** A page with the table between its marks written anew. Throws when it has no marks. */
export function withCapacity(page: string, report: object): string;
