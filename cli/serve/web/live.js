/* What is being trained, kept true by the socket and, after each connection, by asking. Views
 * subscribe; they are told in a frame, at most thirty times a second. */

import {call, has, socketAddress} from './api.js';
import {Series} from './series.js';
import {Socket} from './socket.js';

const listeners = new Set();
let scheduled = false;

export const state = {
  link: 'connecting', // the socket: connecting, open, waiting
  runs: new Map(), // id -> run; those of a service without a record have the id 'only'
  shown: null, // id of the run that began or was heard of last
};

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const PAUSE = 33; // milliseconds between two frames that show news
let told = -PAUSE;

function changed() {
  if (scheduled) return;
  scheduled = true;
  const tell = () => {
    scheduled = false;
    told = performance.now();
    for (const listener of listeners) listener(state);
  };
  // a hidden tab has no frames, but its title is read all the same
  if (document.hidden) setTimeout(tell, 1000);
  else setTimeout(() => requestAnimationFrame(tell), told + PAUSE - performance.now());
}

/* Events of interest to lists: a run began, ended, waits. */
const turns = new Set();
export function onTurn(listener) {
  turns.add(listener);
  return () => turns.delete(listener);
}

function newRun(id, {name, total, start}) {
  const run = {id, name, total, start, status: 'running', episode: 0, progress: null, series: new Series(), error: ''};
  state.runs.set(id, run);
  state.shown = id;
  // runs that ended long ago are the record's
  for (const [other, old] of state.runs)
    if (state.runs.size > 8 && old.status !== 'running' && old.status !== 'paused') state.runs.delete(other);
  return run;
}

/* What is heard of a run of the record, if anything. */
export function liveOf({id, start_time: start}) {
  const only = state.runs.get('only');
  return state.runs.get(id) || (only && only.start === start ? only : undefined);
}

const idOf = (payload) => payload.run_id ?? 'only';

function takeProgress(payload) {
  const run = state.runs.get(idOf(payload));
  if (!run) {
    resync();
    return;
  }
  run.progress = payload;
  run.episode = payload.episode;
  run.total = payload.total_episodes;
  run.at = performance.now();
  run.series.add(payload);
}

function settle(payload, status, error = '') {
  const run = state.runs.get(idOf(payload));
  if (!run) return;
  run.status = status;
  run.error = error;
  if (payload.episodes_completed !== undefined) run.episode = payload.episodes_completed;
  run.reason = payload.reason;
}

const handlers = {
  training_started: (p) => newRun(idOf(p), {name: p.scenario_name, total: p.num_episodes, start: p.start_time}),
  training_progress: takeProgress,
  training_completed: (p) => settle(p, 'completed'),
  training_stopped: (p) => settle(p, 'stopped'),
  training_paused: (p) => settle(p, 'paused'),
  training_resumed: (p) => settle(p, 'running'),
  training_error: (p) => settle(p, 'failed', p.details || p.message),
  training_queued: () => {},
};

function hear(event, payload) {
  if (!(event in handlers)) return;
  handlers[event](payload || {});
  if (event !== 'training_progress') for (const turn of turns) turn(event, payload);
  changed();
}

/* The curve up to now of a run that was on before this page was. */
async function fetchCurve(run) {
  if (!(await has('/api/training/runs/{id}/progress'))) return;
  let {id} = run;
  if (id === 'only') {
    const {runs} = await call(`api/training/runs?limit=1&scenario=${encodeURIComponent(run.name)}`);
    if (!runs.length || runs[0].start_time !== run.start) return;
    id = runs[0].id;
  }
  const {progress} = await call(`api/training/runs/${id}/progress?points=500`);
  run.series.prepend(progress);
  changed();
}

function takeStatus(status) {
  const id = status.run_id ?? 'only';
  let run = state.runs.get(id);
  if (status.scenario_name && (!run || run.start !== status.start_time)) {
    run = newRun(id, {name: status.scenario_name, total: status.total_episodes, start: status.start_time});
    fetchCurve(run).catch(() => {});
  }
  if (!run) return;
  const was = run.status;
  if (status.is_training) run.status = status.is_paused ? 'paused' : 'running';
  else if (status.error) settle(status, 'failed', status.error);
  else if (run.status === 'running' || run.status === 'paused')
    run.status = status.current_episode >= status.total_episodes ? 'completed' : 'stopped';
  run.episode = status.current_episode;
  if (status.latest_progress) {
    run.progress = status.latest_progress;
    run.series.add(status.latest_progress);
  }
  if (was !== run.status) for (const turn of turns) turn('status', status);
}

let asking = null;
/* Asks for the state anew: what was missed while no socket was open is not lost. */
export function resync() {
  asking = asking || call('api/training/status').then((status) => {
    // a service that began anew knows nothing of what ran before
    if (!status.scenario_name)
      for (const run of state.runs.values())
        if (run.status === 'running' || run.status === 'paused') run.status = 'interrupted';
    takeStatus(status);
    changed();
  }).finally(() => { asking = null; });
  return asking;
}

export function connect() {
  new Socket({
    address: socketAddress,
    heard: hear,
    changed(link) {
      state.link = link;
      if (link === 'open') {
        resync().catch(() => {});
        for (const turn of turns) turn('open', null);
      }
      changed();
    },
  });
}
