'use strict';

// Runs at the end of the job, cancelled or not: restores what the step did not come to restore.

const cvmimg = require('./cvmimg');
const { addSummary, annotate, group, input, savedState } = require('./runner');

// Ended by itself, with nothing left in force: done, wrong usage, refused before any change.
const NOTHING_LEFT = ['0', '2', '3', '4'];
const NOT_FOUND = 4;
// A cancelled job ends after five minutes, whatever its steps do.
const TIMEOUT = '4m';

async function main() {
  const operation = savedState('operation-id');
  if (!operation || NOTHING_LEFT.includes(savedState('exit-code'))) return 0;
  const how = input('restore') || 'roll-back';
  if (how === 'never') {
    annotate('warning', 'cvmimg', `operation ${operation} may be unfinished: ${command(operation)}`);
    return 0;
  }
  const words = ['resume', operation, `--timeout=${TIMEOUT}`];
  if (how === 'roll-back') words.push('--undo');
  const { code } = await group(`Restoring after operation ${operation}`, () => (
    cvmimg.run(savedState('program'), [...words, ...cvmimg.cloudArguments()], cvmimg.environment())
  ));
  if (code === NOT_FOUND) return 0;
  report(code, how, operation);
  return code;
}

function report(code, how, operation) {
  if (code === 0) {
    const done = how === 'roll-back' ? 'rolled back' : 'finished';
    addSummary(`The step was cut short; its operation \`${operation}\` was ${done}.`);
    return;
  }
  annotate('error', 'cvmimg', `operation ${operation} is unfinished: ${command(operation)}`);
  addSummary(`Operation \`${operation}\` is unfinished. Run \`${command(operation)}\`.`);
}

function command(operation) {
  return ['cvmimg', 'resume', operation, ...cvmimg.cloudArguments()].join(' ');
}

main().then(
  (code) => process.exit(code),
  (error) => {
    annotate('error', 'cvmimg', error.message);
    process.exit(1);
  },
);
