/* Two to five runs side by side: curves over each other, what differs, which is better and how
 * sure that is. */

import {add, h} from './dom.js';
import {call} from './api.js';
import {Chart, describe} from './chart.js';
import {integer, number, short, signed, title, worth} from './format.js';
import {withTrend} from './series.js';
import {keyLabel} from './words.js';

const INKS = ['agents', 'rule', 'optimum', 'second', 'third'];
const score = (value) => number(value, 1);
const episode = (x) => `episode ${integer(x)}`;
const nameOf = (run) => `${title(run.scenario)}, run ${run.id}`;

/* Curves that have their points at other episodes become rows of one chart. */
function merge(curves) {
  const rows = new Map();
  curves.forEach((curve, i) => {
    for (const [x, y] of curve) {
      if (!rows.has(x)) rows.set(x, [x, ...curves.map(() => null)]);
      rows.get(x)[i + 1] = y;
    }
  });
  return [...rows.values()].sort((a, b) => a[0] - b[0]);
}

function chartOf(label, runs, curves) {
  if (!curves.some((curve) => curve.length > 1)) return null;
  const chart = new Chart({label, x: integer, y: score, axis: short, xLabel: 'episode',
    lines: runs.map((run, i) => ({label: nameOf(run), ink: INKS[i], dash: i > 2 ? [6, 3] : null}))});
  chart.draw(merge(curves), runs.map((run, i) => describe(nameOf(run), curves[i], score, episode)).join(' '));
  return chart;
}

/* Against the first run, on the same noise: a difference whose interval has 0 in it says nothing. */
function verdict(pair, names) {
  const {difference, standard_error: error, episodes, source} = pair;
  const first = names.get(pair.first), second = names.get(pair.second);
  if (difference === null || error === null || !source)
    return h('li', null, `${second}: cannot be compared with ${first}; the models are gone and the recorded evaluations differ.`);
  const reach = 1.96 * error;
  // as many digits as the error has two of
  const digits = reach > 0 ? Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(reach)))) : 2;
  const sure = Math.abs(difference) > reach;
  const better = difference > 0 ? 'better' : 'worse';
  return h('li', null, h('b', null, `${signed(difference, digits)} ± ${number(reach, digits)}`), ` `,
    sure ? `${second} is ${better} than ${first}.` : `${second} and ${first}: no difference that is sure.`,
    h('span', {class: 'faint small'}, ` 95 % interval, ${integer(episodes)} episodes on the same noise, `,
      source === 'models' ? 'played now.' : 'as recorded.'));
}

const show = (value) => (value === null ? '–' : typeof value === 'number' ? short(value) : String(value));

function differences(runs, table) {
  const keys = Object.keys(table);
  if (!keys.length) return h('p', {class: 'faint'}, 'They were started with the same settings.');
  return h('div', {class: 'wide-table', tabindex: 0, role: 'region', 'aria-label': 'Differences'}, h('table', null,
    h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Setting'), runs.map((run) => h('th', {scope: 'col', class: 'n'}, nameOf(run))))),
    h('tbody', null, keys.map((key) => h('tr', null, h('th', {scope: 'row'}, keyLabel(key.split('.').pop()), h('br'),
      h('code', {class: 'faint small'}, key)), table[key].map((value) => h('td', {class: 'n'}, show(value))))))));
}

export async function showComparison(root, ids) {
  add(root, [h('p', {class: 'back'}, h('a', {href: '#/runs'}, '← Runs')), h('h1', null, 'Comparison')]);
  if (ids.length < 2) {
    add(root, h('section', {class: 'card empty'}, h('h2', null, 'Two runs are needed'),
      h('p', null, 'Choose two to five in the list of ', h('a', {href: '#/runs'}, 'runs'), '.')));
    return null;
  }
  const waiting = h('p', {class: 'faint', role: 'status'}, 'Playing the models on the same noise…');
  add(root, waiting);
  const answer = await call(`api/training/compare?runs=${ids.join(',')}`);
  waiting.remove();
  const {runs} = answer;
  const names = new Map(runs.map((run) => [run.id, nameOf(run)]));
  const evaluations = chartOf('Evaluations', runs, runs.map((run) => (run.evaluations || [])
    .filter((point) => worth(point).value !== null).map((point) => [point.episode, worth(point).value])));
  const learning = chartOf('Learning curves', runs, runs.map((run) => withTrend((run.progress || [])
    .map((point) => [point.episode, point.avg_reward])).map((row) => [row[0], row[2]])));
  add(root, h('div', {class: 'stack'},
    h('section', {class: 'card'}, h('h2', null, 'Which is better'),
      runs.some((run) => run.scenario !== runs[0].scenario)
        && h('p', {class: 'faint small'}, `Those of other households play the one of the first, ${title(runs[0].scenario)}.`),
      h('ul', {class: 'verdicts'}, (answer.paired || []).map((pair) => verdict(pair, names)))),
    evaluations && h('section', {class: 'card'}, h('h2', null, 'How good the agents are'), evaluations.element),
    learning && h('section', {class: 'card'}, h('h2', null, 'Learning curves'),
      h('p', {class: 'faint small'}, 'Trends of the reward.'), learning.element),
    h('section', {class: 'card'}, h('h2', null, 'What differs'), differences(runs, answer.differences || {}))));
  return () => [evaluations, learning].forEach((chart) => chart && chart.destroy());
}
