'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const cvmimg = require('./cvmimg');
const { addSummary, annotate, input, isTrue, saveState, setOutput } = require('./runner');

const OUTPUTS = {
  'image-id': 'CVMIMG_IMAGE_ID',
  'image-name': 'CVMIMG_IMAGE_NAME',
  'instance-ids': 'CVMIMG_INSTANCE_IDS',
  'operation-id': 'CVMIMG_OPERATION_ID',
  'failed-checks': 'CVMIMG_FAILED_CHECKS',
  'failure-reason': 'CVMIMG_FAILURE_REASON',
  'exit-code': 'CVMIMG_EXIT_CODE',
};
const REASONS = {
  0: '',
  2: 'usage',
  3: 'precondition-failed',
  4: 'not-found',
  5: 'credentials',
  6: 'task-failed',
  7: 'timed-out',
  8: 'unreachable',
  130: 'interrupted',
};
const FAILED = 1;
const USAGE = 2;
const INTERRUPTED = 130;

async function main() {
  const words = cvmimg.commandArguments();
  const operation = cvmimg.operationId(words);
  const program = await cvmimg.install();
  // Saved before anything is changed: the post step needs it even if this step is killed.
  if (!isTrue('dry-run')) {
    saveState('program', program);
    saveState('operation-id', operation);
  }
  return execute(program, words, operation);
}

async function execute(program, words, operation) {
  const folder = path.join(cvmimg.workFolder(), crypto.randomUUID());
  fs.mkdirSync(folder);
  const result = path.join(folder, 'result.env');
  const summary = path.join(folder, 'summary.md');
  const own = [`--output-file=${result}`, `--output-file=${summary}`];
  if (!input('operation-id')) own.push(`--operation-id=${operation}`);
  if (isRepeated()) own.push('--take-over');
  const { code } = await cvmimg.run(program, [...words, ...own], cvmimg.environment());
  saveState('exit-code', code);
  publish(code, read(result), read(summary), operation);
  return code;
}

// A job is only run again when its earlier attempt is over, so what that left may be taken over.
function isRepeated() {
  return input('command') === 'create' && Number(process.env.GITHUB_RUN_ATTEMPT) > 1;
}

function publish(code, result, summary, operation) {
  const variables = Object.fromEntries(
    result.split('\n').filter(Boolean).map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  variables.CVMIMG_OPERATION_ID ||= operation;
  variables.CVMIMG_EXIT_CODE ||= String(code);
  variables.CVMIMG_FAILURE_REASON ||= reason(code);
  for (const [name, variable] of Object.entries(OUTPUTS)) {
    setOutput(name, variables[variable] || '');
  }
  addSummary(summary);
  if (code !== 0) {
    const title = `cvmimg ${input('command')}: ${variables.CVMIMG_FAILURE_REASON}`;
    annotate('error', title, variables.CVMIMG_FAILURE_MESSAGE || `exit code ${code}`);
  }
}

// For a run that ended before it could report why it failed.
function reason(code) {
  return REASONS[code] ?? 'failed';
}

function codeOf(error) {
  if (error instanceof cvmimg.BadInput) return USAGE;
  return error instanceof cvmimg.Cancelled ? INTERRUPTED : FAILED;
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

main().then(
  (code) => process.exit(code),
  (error) => {
    const code = codeOf(error);
    annotate('error', 'cvmimg', error.message);
    publish(code, '', '', '');
    process.exit(code);
  },
);
