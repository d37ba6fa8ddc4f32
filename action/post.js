'use strict';

// Runs at the end of the job, canceled or not: restores what the step could not.

const cvmimg = require('./cvmimg');
const { addSummary, annotate, group, input, isTrue, lines, savedState } = require('./runner');

// Exit codes of runs that left nothing to restore: done, wrong usage, refused before any change.
const NOTHING_LEFT = ['0', '2', '3', '4'];
const NOT_FOUND = 4;
// A canceled job ends after five minutes, whatever its steps do.
const TIMEOUT = '4m';

async function main() {
  const operation = savedState('operation-id');
  const ended = savedState('exit-code');
  // With no-wait the other steps have run in the meantime; wait for the image now.
  const waits = ended === '0' && isTrue('no-wait');
  if (!operation || (NOTHING_LEFT.includes(ended) && !waits)) return 0;
  const how = waits ? 'finish' : input('restore') || 'roll-back';
  if (input('restore') === 'never') {
    annotate('warning', 'cvmimg', `operation ${operation} may be unfinished: ${command(operation)}`);
    return 0;
  }
  const timeout = waits ? input('timeout') || '2h' : TIMEOUT;
  return group(`Restoring after operation ${operation}`, async () => {
    const codes = [];
    for (const each of await operations(operation)) codes.push(await restore(each, how, timeout));
    return Math.max(...codes);
  });
}

// Each of several instances has its own operation; the journal, or the cloud, knows which of them
// have started.
async function operations(operation) {
  if (lines('instance').length < 2 && !input('select')) return [operation];
  const found = new Set([operation]);
  for (const words of [['operations', 'list', '--unfinished'], ['resume', '--from-cloud', '--dry-run']]) {
    const { output } = await run([...words, '--output=id']);
    output.filter((id) => id.startsWith(`${operation}-`)).forEach((id) => found.add(id));
  }
  return [...found];
}

// The journal may be lost, so the cloud is searched as well; no process of this step is running.
async function restore(operation, how, timeout) {
  const words = ['resume', operation, '--from-cloud', '--take-over', `--timeout=${timeout}`];
  if (how === 'roll-back') words.push('--undo');
  const { code, output } = await run([...words, '--output=json']);
  if (code === NOT_FOUND) return 0;
  report(code, how, operation, remains(output));
  return code;
}

// What remains in the cloud and is charged: a requested image, running instances.
function remains(output) {
  try {
    return JSON.parse(output.join('\n')).map((each) => each.remains).filter(Boolean);
  } catch {
    return [];
  }
}

const run = (words) => cvmimg.runInGroup(savedState('program'), words);

function report(code, how, operation, left) {
  if (code === 0) {
    const done = how === 'roll-back' ? 'rolled back' : 'finished';
    addSummary(`Operation \`${operation}\` was ${done} at the end of the job.`);
    left.forEach((text) => {
      annotate('warning', 'cvmimg', text);
      addSummary(`\n\`\`\`text\n${text}\n\`\`\``);
    });
    return;
  }
  annotate('error', 'cvmimg', `operation ${operation} is unfinished: ${command(operation)}`);
  addSummary(`Operation \`${operation}\` is unfinished. Run \`${command(operation)}\`.`);
}

function command(operation) {
  return ['cvmimg', 'resume', operation, '--from-cloud', ...cvmimg.cloudArguments()].join(' ');
}

main().then(
  (code) => process.exit(code),
  (error) => {
    annotate('error', 'cvmimg', error.message);
    process.exit(1);
  },
);
