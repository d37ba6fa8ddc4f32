'use strict';

// A second attempt of a job runs on another machine, without the first one's journal. The first has
// ended, so what it left behind is finished, and its image is the one that this attempt should create.

const fs = require('node:fs');
const path = require('node:path');
const cvmimg = require('./cvmimg');
const { group, input, isTrue, lines } = require('./runner');

// What create does with an image that is ready. It is not known whether the first attempt did it.
const AFTERWARDS = ['verify', 'copy-to', 'share-with', 'keep'];

// Return the operation of this attempt, and the image that an earlier one has requested, or null.
async function continued(program, first) {
  const ids = attempts(first);
  const known = [...ids].reverse().find(isKnown);
  if (known || ids.length === 1) return { operation: known || first, image: null };
  return group('Finishing the earlier attempt', async () => {
    const image = await earlierImage(program, ids.slice(0, -1));
    // A new id: guests refuse late commands of an operation that was restored elsewhere.
    return { operation: ids[ids.length - 1], image };
  });
}

function attempts(first) {
  const creates = input('command') === 'create' && !isTrue('dry-run');
  const one = lines('instance').length === 1 && !input('select') && !input('operation-id');
  const count = creates && one ? Number(process.env.GITHUB_RUN_ATTEMPT) || 1 : 1;
  return Array.from({ length: count }, (_, index) => (index ? `${first}-${index + 1}` : first));
}

async function earlierImage(program, ids) {
  let image = null;
  for (const id of ids) {
    await cvmimg.runInGroup(program, ['resume', id, '--from-cloud', '--take-over']);
    image ||= await imageOf(program, id);
  }
  if (!image || AFTERWARDS.some((name) => input(name) && input(name) !== 'false')) return null;
  const timeout = input('timeout') || '2h';
  const { code } = await cvmimg.runInGroup(program, ['wait', image.id, `--timeout=${timeout}`]);
  return { ...image, code };
}

async function imageOf(program, id) {
  const words = ['list', `--tag=cvmimg-operation=${id}`, '--output=json'];
  const { code, output } = await cvmimg.runInGroup(program, words);
  return code === 0 ? JSON.parse(output.join('\n'))[0] || null : null;
}

function isKnown(operation) {
  const folder = path.join(cvmimg.environment().CVMIMG_STATE_DIR, 'operations');
  return ['open', 'done'].some((part) => fs.existsSync(path.join(folder, part, `${operation}.json`)));
}

module.exports = { continued };
