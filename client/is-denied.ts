const DENIED: ReadonlySet<string> = new Set(['AccessDeniedException', 'AccessDenied']);

/** Whether IAM denies the request: AWS's services name that error in two ways. */
export const isDenied = (error: unknown): boolean => error instanceof Error && DENIED.has(error.name);
