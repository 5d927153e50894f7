/* What views have in common: names of states and keys, questions before something is lost. */

import {confirm, notify} from './dom.js';
import {remove} from './api.js';

export const STATES = {running: 'Training', paused: 'Paused', completed: 'Completed', stopped: 'Stopped', failed: 'Failed',
  interrupted: 'Interrupted', queued: 'Waiting'};

export const REASONS = {episodes: 'all its episodes are done', converged: 'it no longer improved', target: 'it reached its target'};

/* fixed_expenses -> Fixed expenses */
export function keyLabel(key) {
  const words = key.replace(/_$/, '').replaceAll('_', ' ');
  return words[0].toUpperCase() + words.slice(1);
}

/* Deletes what is at a path once that was agreed to; gives whether it is gone. */
export async function removeAfterAsking(path, {title, text, done}) {
  if (!(await confirm({title, text, action: 'Delete'}))) return false;
  try {
    await remove(path);
  } catch (error) {
    notify(error.message, 'error');
    return false;
  }
  notify(done);
  return true;
}
