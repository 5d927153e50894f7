/* One run as it goes: how far it is, its figures, the curve of the chosen one. */

import {h, newId, setText} from './dom.js';
import {Chart, describe} from './chart.js';
import {compact, duration, euro, integer, number, percent, short, title} from './format.js';
import {STATES} from './words.js';

/* The nine figures of a run, and how much time is left. */
const TILES = [
  {key: 'avg_reward', label: 'Reward', note: 'mean of the last ten episodes', show: (v) => number(v, 2), axis: short},
  {key: 'avg_duration', label: 'Months', note: 'that an episode lasts', show: (v) => number(v, 1), axis: short},
  {key: 'avg_cash', label: 'Cash', note: 'at an episode’s end', show: (v) => euro(v), axis: compact},
  {key: 'avg_invested', label: 'Invested', note: 'in all months together', show: (v) => euro(v), axis: compact},
  {key: 'stability', label: 'Stability', note: 'months that end with cash', show: (v) => percent(v, 1), axis: (v) => percent(v, 1)},
  {key: 'goal_adherence', label: 'Off the goal', note: 'lower is better', show: (v) => number(v, 3), axis: short},
];
export const isOn = (run) => Boolean(run) && (run.status === 'running' || run.status === 'paused');

const REDRAW = 250; // milliseconds

const curveLines = (label) => [{label: `${label}, mean of ten episodes`, ink: 'pale', width: 1}, {label: 'Trend', ink: 'agents'}];

function timeLeft(run) {
  const p = run.progress;
  if (run.status !== 'running' || !p || !p.elapsed_time || !p.episode) return null;
  return (p.elapsed_time / p.episode) * (p.total_episodes - p.episode);
}

/* One run: head, progress, tiles, curve. */
export class RunPanel {
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
    setText(this.badge, STATES[run.status]);
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
    // drawing costs more than all the rest, and nobody sees four curves a second apart
    const now = performance.now();
    if (this.drawn && run.status === 'running' && now - this.drawnAt < REDRAW) return;
    this.drawn = stamp;
    this.drawnAt = now;
    const tile = this.tiles.find((candidate) => candidate.key === this.figure);
    const column = run.series.column(this.figure);
    this.chart.draw(column, describe(tile.label, column, tile.show, (x) => `episode ${integer(x)}`));
  }

  destroy() { this.chart.destroy(); }
}
