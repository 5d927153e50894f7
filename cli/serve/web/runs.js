/* Runs: what was trained, when, how well; one of them; several side by side. */

import {add, h, notify, replace, setText} from './dom.js';
import {call} from './api.js';
import {duration, integer, number, time, title, worth, worthText} from './format.js';
import {onTurn, state, subscribe} from './live.js';
import {showComparison} from './compare.js';
import {showRun} from './run.js';
import {Table} from './table.js';
import {STATES} from './words.js';

const PAGE = 200;
const MOST = 5; // that are compared

const score = (value) => number(value, 1);

/* How far a run is: what was heard last, or what the record has. */
const episodeOf = (run) => {
  const live = state.runs.get(run.id);
  return live && live.status === 'running' ? live.episode : run.episode;
};

class List {
  constructor(root, query) {
    this.query = query;
    this.chosen = new Set();
    this.runs = [];
    this.total = 0;
    this.asked = 0;
    this.moving = [];
    this.button = h('button', {type: 'button', disabled: true, onclick: () => {
      location.hash = `#/runs/compare?runs=${[...this.chosen].join(',')}`;
    }}, 'Compare');
    this.count = h('p', {class: 'faint small', role: 'status'});
    this.more = h('button', {type: 'button', onclick: () => this.load(this.runs.length).catch((error) => notify(error.message, 'error'))}, 'Show more');
    this.table = new Table({caption: 'Runs', columns: this.columns(), sorted: (sort) => this.remember(sort),
      sort: {by: query.get('sort') || '#', down: query.get('down') !== '0'}});
    this.empty = h('section', {class: 'card empty'});
    this.list = h('section', {class: 'card'}, this.table.element,
      h('div', {class: 'row spread'}, this.count, this.more));
    add(root, [h('div', {class: 'head'}, h('h1', null, 'Runs'), this.button), this.filters(), this.empty, this.list]);
  }

  columns() {
    return [
      {name: 'Choose to compare', kind: 'pick', cell: (run) => this.checkbox(run)},
      {label: '#', key: (run) => run.id, number: true, optional: true, cell: (run) => String(run.id)},
      {label: 'Household', key: (run) => run.scenario, cell: (run) => h('a', {href: `#/runs/${run.id}`}, title(run.scenario))},
      {label: 'State', key: (run) => run.state, cell: (run) => h('span', {class: `badge ${run.state}`}, STATES[run.state] || run.state)},
      {label: 'Begun', key: (run) => run.start_time, cell: (run) => time(run.start_time), optional: true, kind: 'time'},
      {label: 'Episodes', key: (run) => run.episode, number: true, cell: (run) => this.episodes(run)},
      {label: 'Best', key: (run) => run.best && worth(run.best).value, number: true, optional: true,
        cell: (run) => (run.best ? score(worth(run.best).value) : '–')},
      {label: 'Final', key: (run) => run.final && worth(run.final).value, number: true,
        cell: (run) => (run.final ? worthText(run.final) : '–')},
      {label: 'Time', key: (run) => run.elapsed_time, number: true, optional: true, cell: (run) => duration(run.elapsed_time)},
    ];
  }

  episodes(run) {
    const text = () => (run.episode === run.total_episodes ? integer(run.episode)
      : `${integer(episodeOf(run))} / ${integer(run.total_episodes)}`);
    const span = h('span', null, text());
    if (run.state === 'running') this.moving.push(() => setText(span, text()));
    return span;
  }

  checkbox(run) {
    return h('input', {type: 'checkbox', checked: this.chosen.has(run.id), 'aria-label': `Compare run ${run.id}, ${run.scenario}`,
      onchange: (event) => {
        if (event.target.checked) this.chosen.add(run.id);
        else this.chosen.delete(run.id);
        this.showChoice();
      }});
  }

  showChoice() {
    const count = this.chosen.size;
    this.button.disabled = count < 2 || count > MOST;
    setText(this.button, count < 2 || count > MOST ? 'Compare' : `Compare ${count} runs`);
    this.button.title = this.button.disabled ? `Choose two to ${MOST} runs` : '';
  }

  filters() {
    const change = (name) => (event) => {
      if (event.target.value) this.query.set(name, event.target.value);
      else this.query.delete(name);
      location.hash = `#/runs?${this.query}`;
    };
    const choose = (name, label, input) => h('label', {class: 'over'}, label, input);
    const stateInput = h('select', {name: 'state', onchange: change('state'), value: this.query.get('state') || ''},
      h('option', {value: ''}, 'Any state'), Object.entries(STATES).map(([value, label]) => h('option', {value}, label)));
    const household = h('input', {type: 'search', name: 'scenario', placeholder: 'Any', value: this.query.get('scenario') || '', onchange: change('scenario'),
      autocomplete: 'off', spellcheck: 'false'});
    const since = h('input', {type: 'date', name: 'since', value: this.query.get('since') || '', onchange: change('since')});
    return h('form', {class: 'filters', role: 'search', 'aria-label': 'Which runs', onsubmit: (event) => event.preventDefault()},
      choose('state', 'State', stateInput), choose('scenario', 'Household', household), choose('since', 'Begun since', since));
  }

  /* The order is a part of the address, but no step to go back. */
  remember({by, down}) {
    this.query.set('sort', by);
    this.query.set('down', down ? '1' : '0');
    history.replaceState(null, '', `#/runs?${this.query}`);
  }

  get filtered() { return ['state', 'scenario', 'since'].some((name) => this.query.has(name)); }

  async load(offset = 0) {
    const wanted = new URLSearchParams({limit: offset === 0 ? Math.max(PAGE, Math.min(this.runs.length, 1000)) : PAGE, offset});
    for (const name of ['state', 'scenario', 'since'])
      if (this.query.get(name)) wanted.set(name, this.query.get(name));
    const turn = ++this.asked;
    const page = await call(`api/training/runs?${wanted}`);
    if (turn !== this.asked) return; // it was asked again since
    const there = new Set(this.runs.map((run) => run.id)); // runs that began meanwhile move the others on
    this.runs = offset === 0 ? page.runs : [...this.runs, ...page.runs.filter((run) => !there.has(run.id))];
    this.total = page.total;
    this.show();
  }

  show() {
    this.moving = [];
    this.list.hidden = this.runs.length === 0;
    this.empty.hidden = this.runs.length > 0;
    this.button.hidden = this.runs.length < 2;
    this.more.hidden = this.runs.length >= this.total;
    setText(this.count, this.runs.length < this.total ? `${integer(this.runs.length)} of ${integer(this.total)} runs`
      : this.total === 1 ? '1 run' : `${integer(this.total)} runs`);
    this.table.show(this.runs);
    this.showChoice();
    if (this.runs.length) return;
    replace(this.empty, this.filtered
      ? [h('h2', null, 'No run is like that'), h('p', null, h('a', {href: '#/runs'}, 'Show all runs'))]
      : [h('h2', null, 'Nothing was trained yet'), h('p', null, 'Each training leaves its run here, with its curve and its settings.'),
        h('p', null, h('a', {class: 'button primary', href: '#/now'}, 'Train a household'))]);
  }
}

async function show(root, {rest, query}) {
  if (rest[0] === 'compare') return showComparison(root, (query.get('runs') || '').split(',').map(Number).filter(Boolean));
  if (rest.length) return showRun(root, rest[0]);
  const list = new List(root, query);
  const ends = [
    subscribe(() => { for (const update of list.moving) update(); }),
    onTurn(() => list.load().catch(() => {})), // also of what happens while the first answer is on its way
  ];
  const leave = () => ends.forEach((end) => end());
  try {
    await list.load();
  } catch (error) {
    leave();
    throw error;
  }
  return leave;
}

export const runs = {path: 'runs', title: 'Runs',
  icon: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01', show};
