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
const FAILED = 1;
const USAGE = 2;
const INTERRUPTED = 130;

async function main() {
  const words = cvmimg.commandArguments();
  const operation = cvmimg.operationId(words);
  if (!input('operation-id')) words.push(`--operation-id=${operation}`);
  const program = await cvmimg.install();
  const folder = path.join(cvmimg.workFolder(), crypto.randomUUID());
  fs.mkdirSync(folder);
  const result = path.join(folder, 'result.env');
  const summary = path.join(folder, 'summary.md');
  words.push(`--output-file=${result}`, `--output-file=${summary}`);

  // Kept before anything is changed: the post step must know of it even if this one is killed.
  if (!isTrue('dry-run')) {
    saveState('program', program);
    saveState('operation-id', operation);
  }
  const { code } = await cvmimg.run(program, words, cvmimg.environment());
  saveState('exit-code', code);
  publish(code, read(result), read(summary), operation);
  return code;
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

// Of a run that did not come to write why it failed.
function reason(code) {
  return { 0: '', [USAGE]: 'usage', [INTERRUPTED]: 'interrupted' }[code] ?? 'failed';
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
