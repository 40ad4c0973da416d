import * as z from 'zod/mini';

/** The form of {@link Authentication}. */
export const authenticationSchema = z.enum(['iam', 'jwt', 'none']);

/**
 * How agents authenticate their senders: by the `SenderId` that SQS stamps (`iam`), by that and a token (`jwt`), or not at all (`none`),
 * for emulators that stamp all messages alike.
 *
 * @see docs/security.md
 */
export type Authentication = 'iam' | 'jwt' | 'none';
