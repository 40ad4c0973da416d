import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';

// An embedded cloud in a separate process, for tests that kill it or remove its disk. It prints its endpoint, and the reason of a failure.
const [, , assemblyDirectory = '', dataDirectory = ''] = process.argv;
const onFailure = ({ message }: Error) => console.log(`failed: ${message}`);
const cloud = await EmbeddedCloud.start({ assemblyDirectory, dataDirectory, port: 0, onFailure });
console.log(cloud.endpoint);
