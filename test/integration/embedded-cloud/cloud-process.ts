import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';

// An embedded cloud in a process of its own, for tests that kill it or take its disk away. Prints its endpoint, and why it failed.
const [, , assemblyDirectory = '', dataDirectory = ''] = process.argv;
const onFailure = ({ message }: Error) => console.log(`failed: ${message}`);
const cloud = await EmbeddedCloud.start({ assemblyDirectory, dataDirectory, port: 0, onFailure });
console.log(cloud.endpoint);
