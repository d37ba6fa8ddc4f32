'use strict';

// The interface to the runner: inputs, outputs, state, summary, annotations. Plain Node, so that there
// is nothing to bundle and only these files to audit.

const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');

function input(name) {
  return (process.env[`INPUT_${name.toUpperCase()}`] || '').trim();
}

function isTrue(name) {
  return ['true', '1', 'yes'].includes(input(name).toLowerCase());
}

function lines(name) {
  return input(name).split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
}

// The value may be any text, so it ends with a delimiter that it cannot contain.
function assign(variable, name, value) {
  const path = process.env[variable];
  if (!path) return;
  const end = `end-${crypto.randomUUID()}`;
  fs.appendFileSync(path, `${name}<<${end}${os.EOL}${value}${os.EOL}${end}${os.EOL}`);
}

const setOutput = (name, value) => assign('GITHUB_OUTPUT', name, value);
const saveState = (name, value) => assign('GITHUB_STATE', name, value);
const savedState = (name) => process.env[`STATE_${name}`] || '';

function addSummary(markdown) {
  const path = process.env.GITHUB_STEP_SUMMARY;
  if (path && markdown) fs.appendFileSync(path, `${markdown}${os.EOL}`);
}

const data = (text) => String(text)
  .replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const property = (text) => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');

function annotate(level, title, message) {
  process.stdout.write(`::${level} title=${property(title)}::${data(message)}\n`);
}

async function group(title, work) {
  process.stdout.write(`::group::${data(title)}\n`);
  try {
    return await work();
  } finally {
    process.stdout.write('::endgroup::\n');
  }
}

// Names in the output come from the cloud. No line of it may be a command to the runner, except
// those that cvmimg itself writes; the older form, ##[name], works anywhere in a line.
const OWN_COMMANDS = /^::(group::|endgroup::|(error|warning) title=cvmimg check )/;

function harmless(line) {
  const text = line.replace(/##\[/g, '## [');
  return OWN_COMMANDS.test(text) ? text : text.replace(/^(\s*)::/, '$1: :');
}

module.exports = {
  addSummary, annotate, group, harmless, input, isTrue, lines, saveState, savedState, setOutput,
};
