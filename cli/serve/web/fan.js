/* Fan charts: where the futures lie, month by month. */

import {h} from './dom.js';
import {Chart} from './chart.js';
import {compact, euro, integer} from './format.js';

const month = (x) => `month ${integer(x)}`;
const known = (row) => row && row.every((value) => value !== null);

/* `lines`: [{label, ink, dash, values: Map(month -> euro)}] beside the fan. */
export function fanChart({label, months, levels, figure, lines = []}) {
  const at = (level) => levels.findIndex((value) => value === level);
  const [low, quarter, half, three, high] = [5, 25, 50, 75, 95].map(at);
  const rows = months.filter((point) => known(point[figure])).map((point) => {
    const p = point[figure];
    return [point.month, [p[low], p[half], p[high]], [p[quarter], p[half], p[three]],
      ...lines.map((line) => {
        const value = line.values.get(point.month);
        return value === undefined || value === null ? null : [value, value, value];
      })];
  });
  const chart = new Chart({label, x: integer, y: (v) => euro(v), axis: compact, xLabel: 'month',
    lines: [{label: '9 of 10 futures', ink: 'agents', band: true, width: 0, silent: true, key: 'band'},
      {label: 'half of them', ink: 'agents', band: true, width: 2.5, key: 'band inner'}, ...lines]});
  if (rows.length > 1) {
    const [first, last] = [months[0], months.filter((point) => known(point[figure])).pop()];
    const words = (point) => `${month(point.month)}: ${euro(point[figure][half])}, 9 of 10 between `
      + `${euro(point[figure][low])} and ${euro(point[figure][high])}`;
    chart.draw(rows, `${label}. ${words(first)}; ${words(last)}. `
      + lines.map((line) => `${line.label}: ${euro(line.values.get(last.month))} at the end.`).join(' '));
  }
  return rows.length > 1 ? chart : null;
}

/* Parts of an amount, as a bar with words. */
export function shares(parts, whole) {
  const bar = h('div', {class: 'budget tall', 'aria-hidden': 'true'}, parts.map(({kind, value}) => {
    const part = h('span', {class: kind});
    part.style.width = `${whole > 0 ? (100 * Math.max(value, 0)) / whole : 0}%`;
    return part;
  }));
  return h('div', null, bar, h('div', {class: 'tiles three'}, parts.map(({kind, label, value, note}) =>
    h('div', {class: 'tile'}, h('span', {class: `key ${kind}`}, label), h('b', null, euro(value)), h('small', null, note)))));
}
