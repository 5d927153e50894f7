/* What is being trained, kept true by the socket and, after each connection, by asking. Views
 * subscribe; they are told in a frame, at most thirty times a second. */

import {call, socketAddress} from './api.js';
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
let recorded = true; // the service remembers its runs
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

const idOf = (payload) => payload.run_id ?? 'only';
/* Of a service whose record cannot be read the one run is known as such. */
const known = (payload) => state.runs.get(idOf(payload)) || (recorded ? undefined : state.runs.get('only'));

/* One that goes on after it had ended keeps its curve. */
function takeStart(payload) {
  const run = state.runs.get(idOf(payload))
    || newRun(idOf(payload), {name: payload.scenario_name, total: payload.num_episodes, start: payload.start_time});
  run.status = 'running';
  run.error = '';
  state.shown = run.id;
}

function takeProgress(payload) {
  const run = known(payload);
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
  const run = known(payload);
  if (!run) return;
  run.status = status;
  run.error = error;
  if (payload.episodes_completed !== undefined) run.episode = payload.episodes_completed;
  run.reason = payload.reason;
}

const handlers = {
  training_started: takeStart,
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
async function fetchCurve(run, id) {
  const {progress} = await call(`api/training/runs/${id}/progress?points=500`);
  run.series.prepend(progress);
  if (!run.progress && progress.length) run.progress = {...progress[progress.length - 1], total_episodes: run.total};
  changed();
}

const ON = new Set(['running', 'paused']);

/* What the record says of a run. */
function takeRecorded(recorded) {
  let run = state.runs.get(recorded.id);
  if (!run) {
    const shown = state.runs.get(state.shown);
    run = newRun(recorded.id, {name: recorded.scenario, total: recorded.total_episodes, start: recorded.start_time});
    // whoever watches one run goes on watching it
    if (shown && ON.has(shown.status)) state.shown = shown.id;
    fetchCurve(run, run.id).catch(() => {});
  }
  run.status = recorded.state;
  run.error = recorded.error || '';
  run.episode = Math.max(run.episode, recorded.episode);
}

/* A service with a record tells of all runs; the last one is shown where none is on. */
async function askRecord() {
  const {runs} = await call('api/training/runs?state=running,paused&limit=50');
  for (const run of runs.reverse()) takeRecorded(run);
  const gone = [...state.runs.values()].filter((run) => ON.has(run.status) && !runs.some((each) => each.id === run.id));
  for (const run of gone) {
    try {
      takeRecorded(await call(`api/training/runs/${run.id}`));
    } catch (error) {
      if (error.status !== 404) throw error;
      run.status = 'interrupted'; // by a service that began anew without its record
    }
  }
  if (state.runs.size) return;
  const {scenario_name: ran} = await call('api/training/status');
  const [last] = ran ? (await call('api/training/runs?limit=1')).runs : [];
  if (last) takeRecorded(last);
}

/* A service without one tells of the present or last run. */
function takeStatus(status) {
  let run = [...state.runs.values()].find((each) => each.start === status.start_time) || state.runs.get('only');
  if (status.scenario_name && (!run || run.start !== status.start_time))
    run = newRun('only', {name: status.scenario_name, total: status.total_episodes, start: status.start_time});
  if (!run) return;
  // a service that began anew knows nothing of what ran before
  if (!status.scenario_name) run.status = ON.has(run.status) ? 'interrupted' : run.status;
  else if (status.is_training) run.status = run.status === 'paused' ? 'paused' : 'running';
  else if (status.error) settle(status, 'failed', status.error);
  else if (ON.has(run.status)) run.status = status.current_episode >= status.total_episodes ? 'completed' : 'stopped';
  run.episode = status.current_episode;
  if (!status.latest_progress) return;
  run.progress = status.latest_progress;
  run.series.add(status.latest_progress);
}

async function ask() {
  try {
    if (recorded) await askRecord();
  } catch (error) {
    if (error.status < 500 || error.status === 503) throw error;
    recorded = false; // built without a record, or it cannot be read
  }
  if (!recorded) takeStatus(await call('api/training/status'));
}

let asking = null;
/* Asks for the state anew: what was missed while no socket was open is not lost. */
export function resync() {
  const before = () => [...state.runs.values()].map((run) => `${run.id} ${run.status}`).join();
  const were = before();
  asking = asking || ask().then(() => {
    if (were !== before()) for (const turn of turns) turn('asked', null);
    changed();
  }).finally(() => { asking = null; });
  return asking;
}

export function connect() {
  const socket = new Socket({
    address: socketAddress,
    heard: hear,
    changed(link) {
      state.link = link;
      if (link === 'open') {
        socket.emit('subscribe_training', {interval_ms: PAUSE});
        resync().catch(() => {});
        for (const turn of turns) turn('open', null);
      }
      changed();
    },
  });
}
