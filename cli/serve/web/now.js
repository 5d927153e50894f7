/* Now: what is being trained, live; what waits; the beginning of more. */

import {add, h, notify, replace, setText} from './dom.js';
import {call, post} from './api.js';
import {integer, percent, time, title} from './format.js';
import {onTurn, resync, state, subscribe} from './live.js';
import {isOn, RunPanel} from './panel.js';
import {startForm} from './start.js';
import {STATES} from './words.js';

/* Runs of the record that are on or wait, besides the one that is shown. */
class Others {
  constructor(choose) {
    this.choose = choose;
    this.runs = [];
    this.list = h('ul', {class: 'others'});
    this.element = h('section', {class: 'card', 'aria-labelledby': 'others-title'},
      h('h2', {id: 'others-title'}, 'Training and waiting'), this.list);
    this.element.hidden = true;
  }

  async load() {
    const turn = this.asked = (this.asked || 0) + 1;
    const page = await call('api/training/runs?state=running,paused,queued&limit=100');
    if (turn !== this.asked) return; // it was asked again since
    // those that train come first, then those that wait, in the order in which they will begin
    const rank = (run) => (run.state === 'queued' ? 1 : 0);
    const priority = (run) => (run.queue ? run.queue.priority : 0);
    this.runs = page.runs.sort((a, b) => rank(a) - rank(b) || priority(b) - priority(a) || a.id - b.id);
    this.show();
  }

  show() {
    this.element.hidden = this.runs.length < 2 && !this.runs.some((run) => run.state === 'queued');
    this.moving = [];
    replace(this.list, this.runs.map((run) => this.row(run)));
  }

  row(run) {
    const far = h('span', {class: 'faint small'});
    const text = () => {
      const live = state.runs.get(run.id);
      const done = live ? live.episode : run.episode;
      setText(far, run.state === 'queued' ? `priority ${run.queue ? run.queue.priority : 0}, since ${time(run.queue && run.queue.queued_time)}`
        : `${percent(done / run.total_episodes)} of ${integer(run.total_episodes)} episodes`);
    };
    text();
    this.moving.push(text);
    const watch = run.id !== state.shown && state.runs.has(run.id);
    return h('li', null, h('span', {class: `badge ${run.state}`}, STATES[run.state]),
      h('a', {class: 'grow', href: `#/runs/${run.id}`}, `${title(run.scenario)}, run ${run.id}`), far,
      watch && h('button', {type: 'button', 'aria-label': `Watch run ${run.id}`, onclick: () => this.choose(run.id)}, 'Watch'),
      run.state === 'queued' && h('button', {type: 'button', class: 'danger', 'aria-label': `Take run ${run.id} out of the queue`,
        onclick: () => act(`api/training/runs/${run.id}/stop`)}, 'Cancel'));
  }
}

const acting = new Set(); // what was asked for and not answered yet: a button that is disabled loses the focus
async function act(path) {
  if (acting.has(path)) return;
  acting.add(path);
  try {
    await post(path);
  } catch (error) {
    notify(error.message, 'error');
  } finally {
    acting.delete(path);
    resync().catch(() => {});
  }
}

/* Pause, resume and stop, of the run that is shown. */
function makeControls(shown) {
  const path = (verb) => {
    const run = shown();
    return run.id === 'only' ? `api/training/${verb}` : `api/training/runs/${run.id}/${verb}`;
  };
  const make = (verb, label, kind) => {
    return h('button', {type: 'button', class: kind, onclick: () => act(path(verb))}, label);
  };
  const [pause, resume, stop] = [make('pause', 'Pause'), make('resume', 'Resume', 'primary'), make('stop', 'Stop and save', 'danger')];
  return {buttons: [pause, resume, stop], show(run) {
    const here = [pause, resume, stop].find((button) => button === document.activeElement);
    pause.hidden = !run || run.status !== 'running';
    resume.hidden = !run || run.status !== 'paused';
    stop.hidden = !isOn(run);
    // who paused by keyboard can resume by it
    const next = [pause, resume].find((button) => !button.hidden);
    if (here && here.hidden && next) next.focus();
  }};
}

async function show(root, {query}) {
  const shown = () => state.runs.get(state.shown);
  const controls = makeControls(shown);
  const panel = new RunPanel(controls.buttons);
  const others = new Others((id) => {
    state.shown = id;
    others.show();
    update();
  });
  const empty = h('section', {class: 'card empty'}, h('h2', null, 'Nothing is being trained'),
    h('p', null, 'Choose a household and start: two agents learn to run its money, and this is where you watch them.'));
  const place = h('div', null);
  const side = h('section', {class: 'card', 'aria-labelledby': 'start-title'},
    h('h2', {id: 'start-title'}, 'Train a household'));
  add(root, [h('h1', null, 'Now'), h('div', {class: 'columns'}, h('div', {class: 'stack'}, place, others.element), side)]);
  const form = await startForm(query.get('household'));
  const busy = h('p', {class: 'faint small'}, 'Another run is on: this one may have to wait for its turn.');
  add(side, [busy, form.element]);
  const update = () => {
    const run = shown();
    const wanted = run ? panel.element : empty;
    if (place.firstChild !== wanted) replace(place, wanted);
    if (run) panel.update(run);
    controls.show(run);
    busy.hidden = !isOn(run);
    for (const move of others.moving || []) move();
  };
  const ends = [subscribe(update), onTurn(() => others.load().catch(() => {}))];
  update();
  others.load().catch(() => {});
  return () => {
    ends.forEach((end) => end());
    panel.destroy();
  };
}

export const now = {path: 'now', title: 'Now', icon: 'M4 13h4l3-8 4 14 2-6h3', show};
