/* Advice: what to do this month with a household's money, what may follow, and what if. */

import {add, h, newId, notify, replace, setText} from './dom.js';
import {showAnswer} from './answer.js';
import {call, openapi, segment} from './api.js';
import {Field, Form} from './forms.js';
import {euro, title, toNumber} from './format.js';
import {keyLabel} from './words.js';

const MOST = 3; // what-ifs
const FIRST = 100, ALL = 1000; // futures: at once, and for good

/* A household's situation and its changes, as the body of a request. */
class Question {
  constructor(schema, names, models, preset) {
    const {properties} = schema;
    const field = (name, label, more = {}) => new Field({name, label, schema: {...properties[name], ...more.schema}, ...more});
    const options = (list) => list.map((value) => ({value, label: title(value)}));
    this.household = field('scenario_name', 'Household', {options: options(names), required: true, hint: ''});
    this.model = field('model', 'Who answers', {options: models.map(({name, label}) => ({value: name, label})),
      hint: 'The generalist knows households without being trained on them.'});
    this.month = field('month', 'Month', {hint: 'Counted from the household’s beginning; prices have risen since.'});
    this.cash = field('cash', 'Cash', {hint: 'Euro on hand now. Left empty: what the household begins with.'});
    this.portfolio = field('portfolio', 'Invested', {hint: 'Euro that are invested now.'});
    this.unemployed = field('unemployed', 'Without a job', {hint: 'At the moment; for lifecycle households.'});
    if (preset) this.household.value = preset;
    this.changes = [];
  }

  get fields() { return [this.household, this.model, this.month, this.cash, this.portfolio, this.unemployed]; }

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
    return `${this.key.value}=${Number.isFinite(number) ? number : text}`;
  }
}

/* Who can answer: the generalist, and every pair that was trained. */
async function answerers() {
  const list = (await call('api/models')).models;
  const trained = list.filter((model) => !/^generalist/.test(model.name)).map((model) => ({name: model.name, label: `${title(model.name)}, trained`}));
  return [{name: 'generalist', label: 'The generalist, without training'}, ...trained];
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
      h('p', null, h('a', {class: 'button primary', href: '#/households?new'}, 'Make one'))));
    return null;
  }
  const question = new Question(api.components.schemas.AdviceRequest, names, models, query.get('household'));
  const answerPlace = h('div', {class: 'stack', 'aria-busy': 'false'});
  const spoken = h('p', {class: 'hidden', role: 'status'});
  let asked = new AbortController();
  const receive = async (body, signal) => {
    const answer = await call('api/advice', {method: 'POST', json: body, signal});
    clear();
    showAnswer(answerPlace, answer, charts);
    return answer;
  };
  /* A few futures at once; then all of them, the best rule and the optimum beside. */
  const ask = async (body) => {
    asked.abort();
    asked = new AbortController();
    const {signal} = asked;
    answerPlace.setAttribute('aria-busy', 'true');
    try {
      const {this_month: now} = await receive({...body, futures: FIRST}, signal);
      setText(spoken, `Spend ${euro(now.consume)}, keep ${euro(now.save)}, invest ${euro(now.invest)}.`);
    } catch (error) {
      if (error.name === 'AbortError') return;
      clear();
      replace(answerPlace, h('section', {class: 'card empty'}, h('h2', null, 'No advice'), h('p', {class: 'error'}, error.message),
        error.status === 404 && h('p', null, h('a', {class: 'button', href: `#/now?household=${segment(body.scenario_name)}`}, 'Train this household'))));
      throw error;
    } finally {
      if (!signal.aborted) answerPlace.setAttribute('aria-busy', 'false');
    }
    receive({...body, futures: ALL, lines: true}, signal).catch((error) => {
      if (error.name !== 'AbortError') notify(error.message, 'error');
    });
  };
  const form = new Form({fields: question.fields, action: 'Ask', submit: () => ask(question.body())});
  const changes = h('div', {class: 'changes'});
  let adding = false;
  const more = h('button', {type: 'button', onclick: async () => {
    if (adding) return;
    adding = true;
    const keys = await keysOf(question.household.value).catch((error) => notify(error.message, 'error'));
    adding = false;
    if (!keys) return;
    const change = new Change(keys, (gone) => {
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
  form.send(() => ask(question.body()));
  return () => {
    asked.abort();
    clear();
  };
}

export const advice = {path: 'advice', title: 'Advice',
  icon: 'M12 3a7 7 0 0 0-4 12.7V18h8v-2.3A7 7 0 0 0 12 3zM9 21h6', show};
