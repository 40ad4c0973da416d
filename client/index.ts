export { type MeshName, meshName } from '../events/names.ts';
