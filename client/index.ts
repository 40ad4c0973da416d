/**
 * The mesh as seen from outside, by AWS APIs alone.
 *
 * @packageDocumentation
 */

export { type MeshName, meshName } from '../events/names.ts';
