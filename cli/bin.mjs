#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { createRequire, enableCompileCache } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The sources are TypeScript that Node runs as it is; releases before 24 cannot, or warn of it on every run.
const REQUIRED_MAJOR = 24;
const majorOf = (version) => Number.parseInt(version, 10);

if (majorOf(process.versions.node) >= REQUIRED_MAJOR) {
  enableCompileCache();
  const { main } = await import('./main.ts');
  await main(process.argv);
} else {
  const node = ownNode();
  if (node === undefined) {
    console.error(
      `posthorn: this is Node ${process.versions.node}, posthorn needs Node ${REQUIRED_MAJOR} or later.\n` +
        `Run 'npm ci' in the project, which brings its own Node ${REQUIRED_MAJOR}, or install it from https://nodejs.org.`,
    );
    process.exitCode = 1;
  } else {
    runOn(node);
  }
}

/** The binary of the `node` devDependency, if it is installed and recent enough. */
function ownNode() {
  try {
    const path = createRequire(import.meta.url).resolve('node/package.json');
    const { version, bin } = createRequire(import.meta.url)('node/package.json');
    return majorOf(version) >= REQUIRED_MAJOR ? join(dirname(path), bin.node) : undefined;
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function runOn(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  // A terminal sends its Ctrl-C to both processes: forwarding it there would make two of one.
  const ignore = () => {};
  process.on('SIGINT', process.stdin.isTTY ? ignore : forward);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, forward);
  child.on('error', (error) => {
    console.error(`posthorn: cannot run ${node}: ${error.message}. Run 'npm ci' in the project again.`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
