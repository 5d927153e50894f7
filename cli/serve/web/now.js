/* Now: what is being trained, live; its beginning and end. */

import {add, h, newId, notify, replace, setText} from './dom.js';
import {call, has, openapi, post} from './api.js';
import {Chart, describe} from './chart.js';
import {Field, Form} from './forms.js';
import {compact, duration, euro, integer, number, percent, short, title} from './format.js';
import {resync, state, subscribe} from './live.js';

/* The nine figures of a run, and how much time is left. */
const TILES = [
  {key: 'avg_reward', label: 'Reward', note: 'mean of the last ten episodes', show: (v) => number(v, 2), axis: short},
  {key: 'avg_duration', label: 'Months', note: 'that an episode lasts', show: (v) => number(v, 1), axis: short},
  {key: 'avg_cash', label: 'Cash', note: 'at an episode’s end', show: (v) => euro(v), axis: compact},
  {key: 'avg_invested', label: 'Invested', note: 'in all months together', show: (v) => euro(v), axis: compact},
  {key: 'stability', label: 'Stability', note: 'months that end with cash', show: (v) => percent(v, 1), axis: (v) => percent(v, 1)},
  {key: 'goal_adherence', label: 'Off the goal', note: 'lower is better', show: (v) => number(v, 3), axis: short},
];
const STATUS = {running: 'Training', paused: 'Paused', completed: 'Completed', stopped: 'Stopped', failed: 'Failed',
  interrupted: 'Interrupted', queued: 'Waiting'};
const isOn = (run) => Boolean(run) && (run.status === 'running' || run.status === 'paused');

const curveLines = (label) => [{label: `${label}, mean of ten episodes`, ink: 'pale', width: 1}, {label: 'Trend', ink: 'agents'}];

function timeLeft(run) {
  const p = run.progress;
  if (run.status !== 'running' || !p || !p.elapsed_time || !p.episode) return null;
  return (p.elapsed_time / p.episode) * (p.total_episodes - p.episode);
}

/* One run: head, progress, tiles, curve. */
class RunPanel {
  constructor(actions) {
    this.figure = 'avg_reward';
    this.name = h('h2', {id: newId('run')});
    this.badge = h('span', {class: 'badge'});
    this.bar = h('progress', {max: 1, value: 0, 'aria-label': 'Episodes done'});
    this.count = h('span', {class: 'strong'});
    this.rest = h('span', {class: 'faint'});
    this.error = h('p', {class: 'error'});
    this.buttons = h('div', {class: 'row end'}, actions);
    this.tiles = TILES.map((tile) => this.makeTile(tile));
    this.chart = new Chart({label: 'Learning curve', x: integer, y: TILES[0].show, axis: TILES[0].axis,
      xLabel: 'episode', lines: curveLines('Reward')});
    this.empty = h('p', {class: 'faint'}, 'The curve begins with the first episodes.');
    this.element = h('section', {class: 'card', 'aria-labelledby': this.name.id},
      h('div', {class: 'card-head'}, h('div', null, this.name, this.badge), this.buttons),
      this.bar, h('p', {class: 'spread'}, this.count, this.rest), this.error,
      h('div', {class: 'tiles', role: 'group', 'aria-label': 'Figures; choose one to see its curve'},
        this.tiles.map((tile) => tile.element)),
      this.empty, this.chart.element);
  }

  makeTile(tile) {
    const value = h('b', null, '–');
    const element = h('button', {type: 'button', class: 'tile', 'aria-pressed': String(tile.key === this.figure),
      onclick: () => this.choose(tile)}, h('span', null, tile.label), value, h('small', null, tile.note));
    return {...tile, element, value};
  }

  choose(chosen) {
    this.figure = chosen.key;
    for (const tile of this.tiles) tile.element.setAttribute('aria-pressed', String(tile.key === chosen.key));
    this.chart.setLines(curveLines(chosen.label), chosen.show, chosen.axis);
    this.drawn = null;
    this.update(this.run);
  }

  update(run) {
    this.run = run;
    setText(this.name, title(run.name));
    setText(this.badge, STATUS[run.status]);
    this.badge.className = `badge ${run.status}`;
    this.bar.value = run.total ? run.episode / run.total : 0;
    setText(this.count, `${integer(run.episode)} of ${integer(run.total)} episodes`);
    const left = timeLeft(run);
    const spent = run.progress ? duration(run.progress.elapsed_time) : '';
    setText(this.rest, [spent && `${spent} so far`, left !== null && `${duration(left)} left`].filter(Boolean).join(' · '));
    setText(this.error, run.error);
    for (const tile of this.tiles) setText(tile.value, tile.show(run.progress ? run.progress[tile.key] : null));
    this.draw(run);
  }

  draw(run) {
    const rows = run.series.rows.length;
    const stamp = `${run.id} ${run.start} ${rows} ${run.series.last}`;
    this.empty.hidden = rows > 1;
    this.chart.element.hidden = rows < 2;
    if (stamp === this.drawn || rows < 2) return;
    this.drawn = stamp;
    const tile = this.tiles.find((candidate) => candidate.key === this.figure);
    const column = run.series.column(this.figure);
    this.chart.draw(column, describe(tile.label, column, tile.show, (x) => `episode ${integer(x)}`));
  }

  destroy() { this.chart.destroy(); }
}

async function households() {
  if (!(await has('/api/scenarios'))) return null;
  const list = await call('api/scenarios');
  return list.map((item) => item.name);
}

async function startForm(preset) {
  const [api, names] = await Promise.all([openapi(), households().catch(() => null)]);
  const schema = api.components.schemas.TrainingRequest;
  const labels = {scenario_name: 'Household', num_episodes: 'Episodes', save_interval: 'Save every',
    eval_episodes: 'Episodes of an evaluation', seed: 'Seed', priority: 'Priority'};
  const required = schema.required || [];
  const make = (name) => new Field({name, label: labels[name] || name, schema: schema.properties[name],
    required: required.includes(name),
    options: name === 'scenario_name' && names ? names.map((value) => ({value, label: title(value)})) : undefined});
  const fields = Object.keys(labels).filter((name) => name in schema.properties).map(make);
  const form = new Form({fields, action: 'Start training', submit: async (values) => {
    await post('api/training/start', values);
    await resync();
  }});
  if (preset) form.fields.get('scenario_name').value = preset;
  const [basic, rest] = [fields.slice(0, 2), fields.slice(2)];
  form.lay(basic.map((field) => field.element),
    h('details', null, h('summary', null, 'More'), rest.map((field) => field.element)));
  return form;
}

async function stop(button) {
  button.disabled = true;
  try {
    await post('api/training/stop');
  } catch (error) {
    notify(error.message, 'error');
  } finally {
    button.disabled = false;
    resync().catch(() => {});
  }
}

async function show(root, {query}) {
  const stopButton = h('button', {type: 'button', class: 'danger', onclick: () => stop(stopButton)}, 'Stop and save');
  const panel = new RunPanel([stopButton]);
  const empty = h('section', {class: 'card empty'}, h('h2', null, 'Nothing is being trained'),
    h('p', null, 'Choose a household and start: two agents learn to run its money, and this is where you watch them.'));
  const place = h('div', {class: 'wide'});
  const side = h('section', {class: 'card', 'aria-labelledby': 'start-title'},
    h('h2', {id: 'start-title'}, 'Train a household'));
  add(root, [h('h1', null, 'Now'), h('div', {class: 'columns'}, place, side)]);
  const form = await startForm(query.get('household'));
  const busy = h('p', {class: 'faint small'}, 'One run at a time: this one must end first.');
  add(side, [busy, form.element]);
  const update = () => {
    const run = state.runs.get(state.shown);
    const wanted = run ? panel.element : empty;
    if (place.firstChild !== wanted) replace(place, wanted);
    if (run) panel.update(run);
    stopButton.hidden = !isOn(run);
    busy.hidden = !isOn(run);
    form.button.disabled = isOn(run);
  };
  const end = subscribe(update);
  update();
  return () => {
    end();
    panel.destroy();
  };
}

export const now = {path: 'now', title: 'Now', icon: 'M4 13h4l3-8 4 14 2-6h3', show};
