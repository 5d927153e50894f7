/* One run: its curves, what it was started with, what can be done with it. */

import {h, notify, replace} from './dom.js';
import {call, post} from './api.js';
import {Chart, describe} from './chart.js';
import {duration, integer, number, short, time, title, worth, worthText} from './format.js';
import {onTurn, resync} from './live.js';
import {withTrend} from './series.js';
import {facts} from './table.js';
import {REASONS, removeAfterAsking, STATES} from './words.js';

const score = (value) => number(value, 1);
const episode = (x) => `episode ${integer(x)}`;

const tile = (label, value, note) => h('div', {class: 'tile'}, h('span', null, label), h('b', null, value), h('small', null, note));

function figures(run) {
  const {best, final} = run;
  return h('div', {class: 'tiles'},
    tile('Best evaluation', best ? score(worth(best).value) : '–', best ? `after ${integer(best.episode)} episodes` : 'none yet'),
    tile('Last evaluation', final ? worthText(final) : '–',
      final ? (worth(final).reach === null ? 'of a single episode' : 'with the 95 % interval of its mean') : 'none yet'),
    tile('Episodes', integer(run.episode), `of ${integer(run.total_episodes)}, in ${duration(run.elapsed_time)}`));
}

/* The evaluations with their 95 % intervals: without exploration, on noise that is always the same. */
function evaluationChart(curve) {
  const rows = curve.evaluations.filter((point) => worth(point).value !== null).map((point) => {
    const {value, reach} = worth(point);
    return [point.episode, [value - (reach ?? 0), value, value + (reach ?? 0)]];
  });
  if (rows.length < 2) return null;
  const {label} = worth(curve.evaluations[0]);
  const chart = new Chart({label: 'Evaluations', x: integer, y: score, axis: short, xLabel: 'episode',
    lines: [{label, ink: 'optimum', band: true}]});
  chart.draw(rows, describe(label, rows.map(([x, y]) => [x, y[1]]), score, episode));
  return chart;
}

function learningChart(curve) {
  if (curve.progress.length < 2) return null;
  const chart = new Chart({label: 'Learning curve', x: integer, y: score, axis: short, xLabel: 'episode',
    lines: [{label: 'Reward, mean of ten episodes', ink: 'pale', width: 1}, {label: 'Trend', ink: 'agents'}]});
  const rows = withTrend(curve.progress.map((point) => [point.episode, point.avg_reward]));
  chart.draw(rows, describe('Reward', rows, score, episode));
  return chart;
}

function settings(run) {
  const o = run.options || {};
  return facts([
    ['Seed', o.seed !== undefined ? String(o.seed) : null], ['Saved every', o.save_interval ? `${integer(o.save_interval)} episodes` : null],
    ['Episodes of an evaluation', o.eval_episodes ? integer(o.eval_episodes) : null], ['Threads', o.threads ? integer(o.threads) : null],
    ['Ends early', o.patience ? `after ${integer(o.patience)} evaluations without improvement` : 'no'],
    ['Begun', time(run.start_time)], ['Ended', run.end_time ? time(run.end_time) : null],
    ['Starts', run.parts > 1 ? integer(run.parts) : null], ['Files', run.folder === '.' ? 'the folder of models' : run.folder],
    ['Library', run.library_version], ['Machine', run.host && run.host.name],
  ]);
}

/* Pause, resume, stop where they mean something. */
function controls(root, run, reload) {
  let acting = false; // a button that is disabled loses the focus
  const act = (verb, label, kind) => h('button', {type: 'button', class: kind, onclick: async () => {
    if (acting) return;
    acting = true;
    try {
      await post(`api/training/runs/${run.id}/${verb}`);
    } catch (error) {
      notify(error.message, 'error');
      acting = false;
    }
    resync().catch(() => {});
    reload().catch(() => { acting = false; });
  }}, label);
  const buttons = [];
  if (run.state === 'running') buttons.push(act('pause', 'Pause'));
  if (run.state === 'paused') buttons.push(act('resume', 'Resume', 'primary'));
  if (['stopped', 'failed', 'interrupted'].includes(run.state)) buttons.push(act('resume', 'Go on'));
  if (['running', 'paused', 'queued'].includes(run.state))
    buttons.push(act('stop', run.state === 'queued' ? 'Leave the queue' : 'Stop and save', 'danger'));
  else
    buttons.push(h('button', {type: 'button', class: 'danger', onclick: async () => {
      const gone = await removeAfterAsking(`api/training/runs/${run.id}`, {title: `Delete run ${run.id}?`,
        text: 'Its curve and its settings are forgotten. Its model stays.', done: `Run ${run.id} was deleted.`});
      if (gone && root.isConnected) location.hash = '#/runs';
    }}, 'Delete'));
  return buttons;
}

/* What is drawn anew leaves readers where they are; at the heading where that is gone. */
function keepPlace(root) {
  const here = root.contains(document.activeElement) ? document.activeElement.textContent : null;
  const unfolded = root.querySelector('details[open]');
  return () => {
    if (unfolded) root.querySelectorAll('details').forEach((part) => { part.open = true; });
    if (here === null) return;
    const heading = root.querySelector('h1');
    heading.tabIndex = -1;
    ([...root.querySelectorAll('button, a, summary')].find((each) => each.textContent === here) || heading).focus();
  };
}

export async function showRun(root, id) {
  const charts = [];
  const clear = () => charts.splice(0).forEach((chart) => chart && chart.destroy());
  let asked = 0, left = false, newest = null;
  const draw = async () => {
    const turn = ++asked;
    const [run, curve] = await Promise.all([call(`api/training/runs/${encodeURIComponent(id)}`),
      call(`api/training/runs/${encodeURIComponent(id)}/progress?points=600`)]);
    if (left) return;
    if (turn !== asked) { // it was asked again since
      await newest;
      return;
    }
    clear();
    const again = keepPlace(root);
    const learning = learningChart(curve);
    const evaluations = evaluationChart(curve);
    charts.push(learning, evaluations);
    const why = run.state === 'completed' && REASONS[run.reason] ? `: ${REASONS[run.reason]}` : '';
    const training = `#/now?household=${encodeURIComponent(run.scenario)}`;
    replace(root,
      h('p', {class: 'back'}, h('a', {href: '#/runs'}, '← Runs')),
      h('div', {class: 'head'}, h('div', {class: 'titled'}, h('h1', null, `${title(run.scenario)}, run ${run.id}`),
        h('span', {class: `badge ${run.state}`}, STATES[run.state] || run.state), h('span', {class: 'faint'}, why.slice(2))),
      h('div', {class: 'row'}, h('a', {class: 'button', href: training}, 'Train again'), controls(root, run, load))),
      run.error && h('p', {class: 'error'}, run.error), figures(run),
      h('div', {class: 'stack'},
        evaluations && h('section', {class: 'card'}, h('h2', null, 'How good the agents are'),
          h('p', {class: 'faint small'}, 'Evaluations without exploration. The band is the 95 % interval; all have the same noise, so that what changes between them is surer than it is wide.'), evaluations.element),
        learning && h('section', {class: 'card'}, h('h2', null, 'Learning curve'), learning.element),
        !learning && !evaluations && h('section', {class: 'card empty'}, h('h2', null, 'No curve yet'),
          h('p', null, 'It begins with the first evaluation.')),
        h('section', {class: 'card'}, h('h2', null, 'Settings'), settings(run),
          run.scenario_text && h('details', null, h('summary', null, 'The household as it was then'), h('pre', {class: 'file', tabindex: 0}, run.scenario_text)))));
    again();
  };
  const load = () => (newest = draw());
  // what happens while the first answer is on its way counts, too
  const end = onTurn((event, payload) => {
    if (event === 'open' || !payload || payload.run_id === undefined || String(payload.run_id) === String(id)) load().catch(() => {});
  });
  const leave = () => {
    left = true;
    end();
    clear();
  };
  try {
    await load();
  } catch (error) {
    leave();
    throw error;
  }
  return leave;
}
