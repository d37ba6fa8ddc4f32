'use strict';

// How the action runs cvmimg: its installation, arguments and environment.

const { spawn } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const OPTIONS = require('./options.json');
const { group, harmless, input, isTrue, lines } = require('./runner');

const KEYS = [
  'TENCENTCLOUD_SECRET_ID',
  'TENCENTCLOUD_SECRET_KEY',
  'TENCENTCLOUD_TOKEN',
  'TENCENTCLOUD_SECURITY_TOKEN',
];

class BadInput extends Error {}
class Cancelled extends Error {}

function workFolder() {
  const folder = path.join(process.env.RUNNER_TEMP || '.', 'cvmimg');
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

// The arguments that choose the cloud; the command that restores needs them as well.
function cloudArguments() {
  const values = ['region', 'profile', 'endpoint'].filter((name) => input(name));
  const given = values.map((name) => `--${name}=${input(name)}`);
  return isTrue('sandbox') ? [...given, '--sandbox'] : given;
}

function commandArguments() {
  const command = input('command');
  const options = OPTIONS[command];
  if (!options) {
    throw new BadInput(`command: '${command}' is neither create nor launch`);
  }
  const other = Object.keys(OPTIONS[command === 'create' ? 'launch' : 'create']);
  const stray = other.find((name) => !(name in options) && input(name));
  if (stray) {
    throw new BadInput(`${stray}: cvmimg ${command} has no such option`);
  }
  const given = Object.entries(options).flatMap(([name, kind]) => option(name, kind));
  return [command, ...given, ...cloudArguments()];
}

// --name=value, so that a value that begins with a dash is not read as an option.
function option(name, kind) {
  if (kind === 'flag') return isTrue(name) ? [`--${name}`] : [];
  if (kind === 'list') return lines(name).map((value) => `--${name}=${value}`);
  return input(name) ? [`--${name}=${input(name)}`] : [];
}

// The same in every attempt of the run, so that a re-run continues the operation; a different one
// for each step. Each of several instances has its own operation, with the instance's id appended.
function operationId(words) {
  if (input('operation-id')) return input('operation-id');
  const { GITHUB_RUN_ID = 'local', GITHUB_JOB = 'job', GITHUB_ACTION = '' } = process.env;
  const step = JSON.stringify([GITHUB_ACTION, ...words]);
  const digest = crypto.createHash('sha256').update(step).digest('hex');
  const name = `${GITHUB_RUN_ID}-${GITHUB_JOB}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `gh-${name.slice(0, 30).replace(/^-+|-+$/g, '')}-${digest.slice(0, 8)}`;
}

function environment() {
  const variables = {
    ...process.env,
    CVMIMG_YES: '1',
    CVMIMG_STATE_DIR: path.resolve(input('state-dir') || path.join(workFolder(), 'state')),
    PYTHONUNBUFFERED: '1',
  };
  if (input('role-arn')) {
    // A key in the environment must not be used instead of the job's own identity.
    KEYS.forEach((name) => delete variables[name]);
    variables.TENCENTCLOUD_ROLE_ARN = input('role-arn');
    variables.TENCENTCLOUD_PROVIDER_ID = input('provider-id');
    variables.TENCENTCLOUD_WEB_IDENTITY_AUDIENCE = input('audience');
    variables.TENCENTCLOUD_ROLE_SESSION_NAME =
      input('role-session-name') || `cvmimg-${process.env.GITHUB_RUN_ID || 'run'}`;
  }
  return variables;
}

// cvmimg has the version of the action: it is installed from the action's own files.
async function install() {
  if (input('cvmimg-path')) return input('cvmimg-path');
  const folder = path.join(workFolder(), 'venv');
  const program = path.join(folder, 'bin', 'cvmimg');
  if (fs.existsSync(program)) return program;
  await group('Installing cvmimg', async () => {
    await must(input('python') || 'python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await must(path.join(folder, 'bin', 'python'), [...pip, path.resolve(__dirname, '..')]);
  });
  return program;
}

async function must(program, words) {
  const { code } = await run(program, words, process.env);
  if (stopped) throw new Cancelled('The step was canceled.');
  if (code !== 0) throw new Error(`${path.basename(program)} ${words[1]} ended with ${code}`);
}

// The runner cancels a step with SIGINT, then SIGTERM, then SIGKILL, within ten seconds, and
// only sends the first two to this process. cvmimg treats the first as a request to stop safely, and
// a second one as a request to quit immediately, so it only gets one.
let running = null;
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (!stopped && running) running.kill(signal);
    stopped = true;
  });
}

// Run a program with its output in the log; also return its standard output as lines.
function run(program, words, variables) {
  return new Promise((resolve, reject) => {
    if (stopped) return resolve({ code: 130, output: [] });
    const child = spawn(program, words, { env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    running = child;
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(line);
      process.stdout.write(`${harmless(line)}\n`);
    });
    readline.createInterface({ input: child.stderr }).on('line', (line) => {
      process.stdout.write(`${harmless(line)}\n`);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      running = null;
      resolve({ code: code === null ? 130 : code, output });
    });
  });
}

// Run cvmimg inside an existing log group: groups cannot be nested, so it writes none.
function runInGroup(program, words) {
  const variables = { ...environment(), GITHUB_ACTIONS: '' };
  return run(program, [...words, ...cloudArguments()], variables);
}

module.exports = {
  BadInput, Cancelled, cloudArguments, commandArguments, environment, install, operationId, run, runInGroup,
  workFolder,
};
