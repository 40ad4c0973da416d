import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';

// An embedded cloud in a process of its own, for tests that kill it. Prints its endpoint.
const [, , assemblyDirectory = '', dataDirectory = ''] = process.argv;
const cloud = await EmbeddedCloud.start({ assemblyDirectory, dataDirectory, port: 0 });
console.log(cloud.endpoint);
