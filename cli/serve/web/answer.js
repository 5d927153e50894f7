/* An answer to a question for advice: what to do, what may follow, beside what. */

import {h, replace} from './dom.js';
import {fanChart, shares} from './fan.js';
import {euro, integer, number, percent, title} from './format.js';
import {keyLabel} from './words.js';

const INKS = ['second', 'third', 'ink'];
/* income=2950 -> Income 2950 */
const labelOf = (one) => one.label.split(',').map((part) => part.split('=')).map(([key, value]) =>
  (value === undefined ? key : `${keyLabel(key.trim())} ${value}`)).join(', ');
const half = (futures) => futures.levels.indexOf(50);

/* What is shared out: a month's income, or in the model lifecycle all that one has. */
function words({this_month: now, expected, goal, situation, household_model: model}) {
  const spent = euro(expected.fixed_expenses + expected.variable_expense);
  if (model !== 'lifecycle')
    return {of: `Of an income of ${euro(now.amount)}:`, spend: `expected expenses are ${spent}`, invest: 'in the portfolio',
      goal: `invest ${percent(goal.target_invest_ratio)} of income, keep ${euro(goal.safety_buffer)} of cash`};
  const trade = now.invest - situation.portfolio;
  return {
    of: `Of ${euro(now.amount)}, which is cash and portfolio with an income of ${euro(expected.income)}, less committed expenses of ${spent}:`,
    spend: 'besides those expenses',
    invest: `in the portfolio: ${Math.abs(trade) < 0.5 ? 'as it is' : `${trade > 0 ? 'buy' : 'sell'} ${euro(Math.abs(trade))}`}`,
    goal: `hold ${percent(goal.target_invest_ratio)} of savings in the portfolio, keep ${euro(goal.safety_buffer)} in reserve, at the prices of the start`,
  };
}

function thisMonth(answer) {
  const {this_month: now, goal, scenario} = answer;
  const say = words(answer);
  return h('section', {class: 'card'}, h('h2', null, `This month, ${title(scenario)}`), h('p', null, say.of),
    shares([
      {kind: 'fixed', label: 'Spend', value: now.consume, note: say.spend},
      {kind: 'variable', label: 'Keep', value: now.save, note: 'in cash'},
      {kind: 'left', label: 'Invest', value: now.invest, note: say.invest},
    ], now.amount),
    h('p', {class: 'faint'}, `The goal behind it, for ${integer(goal.months)} months: ${say.goal}.`));
}

/* What the rule would do this month. */
function ruleNow({consume, save, invest}, model) {
  return model === 'lifecycle' ? `This month it would spend ${euro(consume)}, keep ${euro(save)} in cash and invest ${euro(invest)}.`
    : `This month it would invest ${euro(invest)}.`;
}

/* A lead over the rule whose interval has 0 in it is none. */
function againstRule({comparison: c, household_model: model}) {
  if (!c || c.lead === null) return null;
  const reach = 1.96 * c.lead_stderr;
  const amount = (value) => (model === 'lifecycle' ? euro(value, 2) : number(value, 2));
  const unit = model === 'lifecycle' ? ' a month' : ` of ${c.unit}`;
  const words = Math.abs(c.lead) <= reach ? 'No significant difference.'
    : `${c.lead > 0 ? 'Better' : 'Worse'} by ${amount(Math.abs(c.lead))}${unit} (95 % confidence: `
      + `${amount(Math.abs(c.lead) - reach)} to ${amount(Math.abs(c.lead) + reach)}).`;
  return h('section', {class: 'card'}, h('h2', null, 'Compared with the best simple rule'),
    h('p', null, 'The rule: ', h('b', null, c.rule), '. ', words),
    c.rule_this_month && h('p', {class: 'faint small'}, ruleNow(c.rule_this_month, model)));
}

/* A line of middles, for the fan of another. */
const middles = (months, value) => new Map(months.map((point) => [point.month, value(point)]));

function linesOf(answer, figure) {
  const {futures} = answer;
  const lines = [];
  for (const [key, label, ink, dash] of [['best_rule', 'best simple rule', 'rule', [6, 4]], ['optimum', 'optimum', 'optimum', [2, 3]]])
    if (futures.months.some((point) => point[key] && point[key][figure] !== null))
      lines.push({label, ink, dash, values: middles(futures.months, (point) => point[key][figure])});
  (answer.what_if || []).forEach((other, i) => lines.push({label: labelOf(other), ink: INKS[i], dash: [8, 3, 2, 3],
    values: middles(other.futures.months, (point) => point[figure][half(other.futures)])}));
  return lines;
}

function futuresCard(answer, charts) {
  const {futures} = answer;
  const chart = (label, figure) => fanChart({label, months: futures.months, levels: futures.levels, figure, lines: linesOf(answer, figure)});
  const wealth = chart('Wealth', 'wealth');
  const consumption = chart('Consumption a month', 'consumption');
  charts.push(...[wealth, consumption].filter(Boolean));
  const last = futures.months[futures.months.length - 1];
  const lost = last ? 1 - last.share_left : 0;
  const more = futures.months.some((point) => point.best_rule) ? '' : ' More of them, the best rule and the optimum are on their way.';
  return h('section', {class: 'card'}, h('h2', null, 'What may follow'),
    h('p', {class: 'faint'}, `${integer(futures.count)} futures, simulated from the household’s numbers; nothing is guaranteed.${more}`),
    lost > 0 && h('p', {class: 'warning'}, `In ${percent(lost, 1)} of them the household becomes insolvent before the end.`),
    wealth && [h('h3', null, 'Wealth'), wealth.element], consumption && [h('h3', null, 'Consumption a month'), consumption.element]);
}

function whatIfTable(answer) {
  const all = [answer, ...(answer.what_if || [])];
  if (all.length < 2) return null;
  const at = (one, which) => {
    const {months} = one.futures;
    const point = which === 'year' ? months[Math.min(11, months.length - 1)] : months[months.length - 1];
    return point && point.wealth;
  };
  const level = (one, which, value) => {
    const row = at(one, which);
    return euro(row ? row[one.futures.levels.indexOf(value)] : null);
  };
  const rows = [
    ['Spend this month', (one) => euro(one.this_month.consume)], ['Keep in cash', (one) => euro(one.this_month.save)],
    ['Invest', (one) => euro(one.this_month.invest)], ['Wealth in a year, half of the futures', (one) => level(one, 'year', 50)],
    ['Wealth at the end, half of them', (one) => level(one, 'end', 50)], ['Wealth at the end, 5 % lie below', (one) => level(one, 'end', 5)],
    ['Solvent at the end', (one) => percent(one.comparison.policy.solvent)],
  ];
  return h('section', {class: 'card'}, h('h2', null, 'What if'),
    h('div', {class: 'wide-table', tabindex: 0, role: 'region', 'aria-label': 'What if'}, h('table', null,
      h('thead', null, h('tr', null, h('td', null), all.map((one) => h('th', {scope: 'col', class: 'n'}, labelOf(one))))),
      h('tbody', null, rows.map(([label, show]) => h('tr', null, h('th', {scope: 'row'}, label), all.map((one) => h('td', {class: 'n'}, show(one)))))))));
}

/* Shows it in `place`; what was drawn is added to `charts`. */
export function showAnswer(place, answer, charts) {
  const outside = [answer, ...(answer.what_if || [])].map((one, i) => one.outside && h('p', {class: 'warning'},
    `${i ? `With ${labelOf(one)}, this` : 'This'} household lies outside what ${answer.model} knows: ${one.outside}.`));
  replace(place, ...outside,
    thisMonth(answer), whatIfTable(answer), futuresCard(answer, charts), againstRule(answer));
}
