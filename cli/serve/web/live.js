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

const EVENTS = 14; // milliseconds between two events of a run, at least: sixty a second where some are late
const PAUSE = 33; // between two frames that show news
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

const ON = new Set(['running', 'paused']);

function newRun(id, {name, total, start}) {
  const run = {id, name, total, start, status: 'running', episode: 0, progress: null, series: new Series(), error: ''};
  state.runs.set(id, run);
  state.shown = id;
  // runs that ended long ago are the record's
  for (const [other, old] of state.runs)
    if (state.runs.size > 8 && !ON.has(old.status)) state.runs.delete(other);
  return run;
}

const idOf = (payload) => payload.run_id ?? 'only';
/* Of a service whose record cannot be read the one run is known as such. */
const known = (payload) => state.runs.get(idOf(payload)) || (recorded ? undefined : state.runs.get('only'));

/* Whoever watches a run that is on goes on watching it. */
function watch(run, before) {
  state.shown = before && ON.has(before.status) ? before.id : run.id;
}

/* One that goes on after it had ended keeps its curve. */
function takeStart(payload) {
  const before = state.runs.get(state.shown);
  const run = state.runs.get(idOf(payload))
    || newRun(idOf(payload), {name: payload.scenario_name, total: payload.num_episodes, start: payload.start_time});
  run.status = 'running';
  run.error = '';
  watch(run, before);
}

function takeProgress(payload) {
  const run = known(payload);
  if (!run) {
    resync().catch(() => {});
    return;
  }
  run.progress = payload;
  run.episode = payload.episode;
  run.total = payload.total_episodes;
  run.series.add(payload);
}

function settle(payload, status, error = '') {
  const run = known(payload);
  if (!run) return;
  run.status = status;
  run.error = error;
  if (payload.episodes_completed !== undefined) run.episode = payload.episodes_completed;
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

let heard = 0; // events besides progress
/* Answers and events come on ways of their own: an answer that an event overtook is older, and asked for again.
   Where events never cease, the next of them puts right what the last answer did not know. */
async function askNow(path) {
  for (let left = 5; ; left--) {
    const before = heard;
    const answer = await call(path);
    if (heard === before || left === 0) return answer;
  }
}

function hear(event, payload) {
  if (!(event in handlers)) return;
  handlers[event](payload || {});
  if (event !== 'training_progress') {
    heard++;
    for (const turn of turns) turn(event, payload);
  }
  changed();
}

/* The curve up to now of a run that was on before this page was. */
async function fetchCurve(run) {
  const {progress} = await call(`api/training/runs/${run.id}/progress?points=500`);
  run.series.prepend(progress);
  if (!run.progress && progress.length) run.progress = {...progress[progress.length - 1], total_episodes: run.total};
  changed();
}

/* What the record says of a run. */
function takeRecorded(row) {
  let run = state.runs.get(row.id);
  if (!run) {
    const before = state.runs.get(state.shown);
    run = newRun(row.id, {name: row.scenario, total: row.total_episodes, start: row.start_time});
    watch(run, before);
    fetchCurve(run).catch(() => {});
  }
  run.status = row.state;
  run.error = row.error || '';
  run.episode = Math.max(run.episode, row.episode);
}

/* A service with a record tells of all runs; the last one is shown where none is on. */
async function askRecord() {
  const {runs} = await askNow('api/training/runs?state=running,paused&limit=50');
  for (const run of runs.reverse()) takeRecorded(run);
  const gone = [...state.runs.values()].filter((run) => ON.has(run.status) && !runs.some((each) => each.id === run.id));
  for (const run of gone) {
    try {
      takeRecorded(await askNow(`api/training/runs/${run.id}`));
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
  if (!recorded) takeStatus(await askNow('api/training/status'));
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
        socket.emit('subscribe_training', {interval_ms: EVENTS});
        resync().catch(() => {});
        for (const turn of turns) turn('open', null);
      } else if (link === 'waiting') {
        // a socket does not say why it was refused; an answer does, and asks for another token
        resync().catch(() => {});
      }
      changed();
    },
  });
}
