#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import nodeModule, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

// The published package has JavaScript in dist/. The repository has the TypeScript sources beside this file: Node before 24 cannot run
// them, or warns on every run. The condition makes the package's own name resolve to the sources.
const start = existsSync(join(here, 'main.ts'))
  ? { entry: './main.ts', required: [24, 0], flags: ['--conditions=posthorn-source'] }
  : { entry: '../dist/cli/main.js', required: requiredBy(process.argv[2]), flags: [] };

// posthorn dev has a thread for each warm function, and tables in LevelDB. By default glibc gives each thread an arena of its own, from which
// no other takes what was freed, and lets buffers of up to 32 MB break up its heap. Without both, 15,000 messages take 250 MB less. glibc
// reads these when a process starts. https://man7.org/linux/man-pages/man3/mallopt.3.html
const environment =
  process.argv[2] === 'dev' && process.platform === 'linux' ? { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' } : {};

// V8 lets the heap of a busy process grow to twice what it needs, and its young generation to 48 MB. With these, 200,000 messages that an
// agent works through take 200 MB less, and no more CPU time. A platform that cannot replace a process would need a second one for them.
if (process.argv[2] === 'dev' && process.execve !== undefined) start.flags.push('--max-semi-space-size=4', '--heap-growing-percent=40');

if (!isRecent(process.versions.node)) {
  const node = ownNode();
  if (node === undefined) {
    console.error(
      `posthorn: this is Node ${process.versions.node}; posthorn needs Node ${start.required.join('.')} or later.\n` +
        "Install it from https://nodejs.org, or 'npm install --save-dev node@24' in your project: posthorn runs on the Node that it finds there.",
    );
    process.exitCode = 1;
  } else {
    runOn(node);
  }
} else if (start.flags.every((flag) => process.execArgv.includes(flag)) && Object.keys(environment).every((name) => name in process.env)) {
  // Node 20 has none.
  nodeModule.enableCompileCache?.();
  const { main } = await import(start.entry);
  await main(process.argv);
} else {
  startAgain();
}

/** Writing a project needs no newer Node: the project brings one. Running it takes one that runs TypeScript. */
function requiredBy(command) {
  if (command === 'init' || command === 'add') return [20, 12];
  return command === 'dev' ? [24, 0] : [22, 15];
}

function isRecent(version) {
  const [major, minor] = version.split('.').map(Number);
  const [requiredMajor, requiredMinor] = start.required;
  return major > requiredMajor || (major === requiredMajor && minor >= requiredMinor);
}

/** The binary of the npm package `node`, if it is installed in the project or beside posthorn and recent enough. */
function ownNode() {
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve('node/package.json', { paths: [process.cwd(), here] });
    const { version, bin } = require(manifest);
    return isRecent(version) ? join(dirname(manifest), bin.node) : undefined;
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** In place of this process where the platform can: two would take more memory than one. */
function startAgain() {
  if (process.platform === 'win32' || process.execve === undefined) runOn(process.execPath);
  else process.execve(process.execPath, [process.execPath, ...process.execArgv, ...again()], { ...environment, ...process.env });
}

function again() {
  const flags = start.flags.filter((flag) => !process.execArgv.includes(flag));
  return [...flags, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
}

function runOn(node) {
  const child = spawn(node, again(), { stdio: 'inherit', env: { ...environment, ...process.env } });
  const forward = (signal) => child.kill(signal);
  // A terminal sends its Ctrl-C to both processes. Forwarding it would deliver it twice.
  const ignore = () => {};
  process.on('SIGINT', process.stdin.isTTY ? ignore : forward);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, forward);
  child.on('error', (error) => {
    console.error(`posthorn: cannot run ${node}: ${error.message}. Install the project's packages again.`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
