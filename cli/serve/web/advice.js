/* Advice: what to do this month with a household's money, what may follow, and what if. */

import {add, h, newId, replace, setText} from './dom.js';
import {call, has, openapi, post, segment} from './api.js';
import {fanChart, shares} from './fan.js';
import {Field, Form} from './forms.js';
import {euro, integer, number, percent, title, toNumber} from './format.js';
import {keyLabel} from './words.js';

const INKS = ['second', 'third', 'rule'];
const MOST = 3; // what-ifs that are drawn
/* income=2950 -> Income 2950 */
const labelOf = (one) => one.label.split(',').map((part) => part.split('=')).map(([key, value]) =>
  (value === undefined ? key : `${keyLabel(key.trim())} ${value}`)).join(', ');
const half = (futures) => futures.levels.indexOf(50);

/* A household's situation and its changes, as the body of a request. */
class Question {
  constructor(schema, names, models, preset) {
    const {properties} = schema;
    const field = (name, label, more = {}) => new Field({name, label, schema: {...properties[name], ...more.schema}, ...more});
    const options = (list) => list.map((value) => ({value, label: title(value)}));
    this.household = field('scenario', 'Household', {options: options(names), required: true});
    this.model = field('model', 'Who answers', {options: models.map(({name, label}) => ({value: name, label}))});
    this.month = field('month', 'Month', {hint: 'Counted from the household’s beginning; prices have risen since.'});
    this.cash = field('cash', 'Cash', {hint: 'Euro on hand now. Left empty: what the household begins with.'});
    this.portfolio = field('portfolio', 'Invested', {hint: 'Euro that are invested now.'});
    if (preset) this.household.value = preset;
    this.changes = [];
  }

  get fields() { return [this.household, this.model, this.month, this.cash, this.portfolio]; }

  body() {
    const body = {};
    for (const field of this.fields) if (field.value !== undefined) body[field.name] = field.value;
    const asked = this.changes.map((change) => change.value).filter(Boolean);
    if (asked.length) body.what_if = asked;
    return body;
  }
}

/* One what-if: a key and what it would be. */
class Change {
  constructor(keys, removed) {
    const id = newId('change');
    this.key = h('select', {'aria-label': 'What would differ'}, keys.map((key) => h('option', {value: key}, keyLabel(key))));
    this.number = h('input', {id, type: 'text', inputmode: 'decimal', autocomplete: 'off', 'aria-label': 'Its value then', placeholder: 'value'});
    this.element = h('div', {class: 'change'}, this.key, this.number,
      h('button', {type: 'button', class: 'quiet', 'aria-label': 'Remove this what-if', onclick: () => removed(this)}, '×'));
  }

  get value() {
    const text = this.number.value.trim();
    if (text === '') return null;
    const number = toNumber(text);
    return {[this.key.value]: Number.isFinite(number) ? number : text};
  }
}

function thisMonth({this_month: now, expected, goal, scenario}) {
  const spent = expected.fixed_expenses + expected.variable_expense;
  return h('section', {class: 'card'}, h('h2', null, 'This month'),
    h('p', null, `Of ${euro(now.amount)} that ${title(scenario)} has to decide about:`),
    shares([
      {kind: 'fixed', label: 'Spend', value: now.consume, note: `expenses of last month’s size are ${euro(spent)}`},
      {kind: 'variable', label: 'Keep', value: now.save, note: 'in cash'},
      {kind: 'left', label: 'Invest', value: now.invest, note: 'in the portfolio'},
    ], now.amount),
    h('p', {class: 'faint'}, goal.target_invest_ratio === undefined ? ''
      : `The goal behind it, for ${integer(goal.months)} months: invest ${percent(goal.target_invest_ratio)} of income, keep ${euro(goal.safety_buffer)} of cash.`));
}

/* A lead over the rule whose interval has 0 in it is none. */
function againstRule({comparison: c, household_model: model}) {
  if (!c || c.lead === null) return null;
  const reach = 1.96 * c.lead_stderr;
  const amount = (value) => (model === 'lifecycle' ? euro(value, 2) : number(value, 2));
  const unit = model === 'lifecycle' ? ' a month' : ` of ${c.unit}`;
  const words = Math.abs(c.lead) <= reach ? 'No difference that is sure.'
    : `${c.lead > 0 ? 'Better' : 'Worse'} by ${amount(Math.abs(c.lead))}${unit}; with 95 % certainty by `
      + `${amount(Math.abs(c.lead) - reach)} to ${amount(Math.abs(c.lead) + reach)}.`;
  return h('section', {class: 'card'}, h('h2', null, 'Beside the best simple rule'),
    h('p', null, 'The rule: ', h('b', null, c.rule), '. ', words));
}

/* A line of middles, for the fan of another. */
const middles = (months, figure, index) => new Map(months.filter((point) => point[figure]).map((point) => [point.month, point[figure][index]]));

function linesOf(answer, figure) {
  const {futures} = answer;
  const lines = [];
  for (const [key, label, ink, dash] of [['rule', 'best simple rule', 'rule', [6, 4]], ['optimum', 'optimum', 'optimum', [2, 3]]]) {
    const name = `${key}_${figure}`;
    if (futures.months.some((point) => point[name])) lines.push({label, ink, dash, values: middles(futures.months, name, half(futures))});
  }
  (answer.what_if || []).slice(0, MOST).forEach((other, i) => lines.push({label: labelOf(other), ink: INKS[i], dash: [8, 3, 2, 3],
    values: middles(other.futures.months, figure, half(other.futures))}));
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
  return h('section', {class: 'card'}, h('h2', null, 'What may follow'),
    h('p', {class: 'faint'}, `${integer(futures.count)} futures, simulated from the household’s numbers; they are no promise.`),
    lost > 0 && h('p', {class: 'warning'}, `In ${percent(lost, 1)} of them the household runs out of money before the end.`),
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

/* Who can answer: the generalist, and every pair that was trained. */
async function answerers() {
  const list = await has('/api/models') ? (await call('api/models')).models : [];
  const trained = list.filter((model) => !/^generalist/.test(model.name)).map((model) => ({name: model.name, label: `${title(model.name)}, trained`}));
  return [{name: '', label: 'The generalist, without training'}, ...trained];
}

/* The keys of a household that a what-if may change. */
async function keysOf(name) {
  const detail = await call(`api/scenarios/${segment(name)}`);
  const numbers = Object.entries(detail.environment).filter(([, value]) => typeof value === 'number').map(([key]) => key);
  return ['income', 'cash', ...numbers.filter((key) => key !== 'income')];
}

async function show(root, {query}) {
  const charts = [];
  const clear = () => charts.splice(0).forEach((chart) => chart.destroy());
  const [api, scenarios, models] = await Promise.all([openapi(), call('api/scenarios'), answerers()]);
  const names = scenarios.filter((item) => !item.error && !item.is_family).map((item) => item.name).sort();
  add(root, h('h1', null, 'Advice'));
  if (!names.length) {
    add(root, h('section', {class: 'card empty'}, h('h2', null, 'A household is needed'),
      h('p', null, 'Advice is about a household: its income, its expenses, what it owns.'),
      h('p', null, h('a', {class: 'button primary', href: '#/households/new'}, 'Make one'))));
    return null;
  }
  const question = new Question(api.components.schemas.AdviceRequest, names, models, query.get('household'));
  const answerPlace = h('div', {class: 'stack', 'aria-busy': 'false'});
  const spoken = h('p', {class: 'hidden', role: 'status'});
  const ask = async (body) => {
    answerPlace.setAttribute('aria-busy', 'true');
    try {
      const answer = await post('api/advice', body);
      clear();
      replace(answerPlace, answer.outside && h('p', {class: 'warning'}, `This household lies outside what ${answer.model} knows: ${answer.outside}.`),
        thisMonth(answer), whatIfTable(answer), futuresCard(answer, charts), againstRule(answer));
      setText(spoken, `Spend ${euro(answer.this_month.consume)}, keep ${euro(answer.this_month.save)}, invest ${euro(answer.this_month.invest)}.`);
    } finally {
      answerPlace.setAttribute('aria-busy', 'false');
    }
  };
  const form = new Form({fields: question.fields, action: 'Ask', submit: () => ask(question.body())});
  const changes = h('div', {class: 'changes'});
  const more = h('button', {type: 'button', onclick: async () => {
    const change = new Change(await keysOf(question.household.value), (gone) => {
      question.changes = question.changes.filter((each) => each !== gone);
      gone.element.remove();
      more.hidden = false;
      more.focus();
    });
    question.changes.push(change);
    changes.append(change.element);
    change.number.focus();
    more.hidden = question.changes.length >= MOST;
  }}, 'Add a what-if');
  form.lay(question.fields.map((field) => field.element), h('fieldset', null, h('legend', null, 'What if'), changes, more));
  add(root, [spoken, h('div', {class: 'columns question-first'}, answerPlace, h('section', {class: 'card side', 'aria-label': 'The question'}, form.element))]);
  question.household.input.addEventListener('change', () => {
    history.replaceState(null, '', `#/advice?household=${encodeURIComponent(question.household.value)}`);
    form.send(() => ask(question.body()));
  });
  question.model.input.addEventListener('change', () => form.send(() => ask(question.body())));
  await form.send(() => ask(question.body()));
  return clear;
}

export const advice = {path: 'advice', title: 'Advice', needs: '/api/advice', method: 'post',
  icon: 'M12 3a7 7 0 0 0-4 12.7V18h8v-2.3A7 7 0 0 0 12 3zM9 21h6', show};
