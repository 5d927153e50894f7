/* One household: every key with its meaning, checked while it is typed, by the tables that the
 * service checks by. */

import {add, h, newId, notify, replace} from './dom.js';
import {call, openapi, request, segment} from './api.js';
import {Field, Form} from './forms.js';
import {title} from './format.js';
import {budgetBar, budgetText, MODELS} from './budget.js';
import {isRange, parseRange, rangeText} from './ranges.js';
import {keyLabel, removeAfterAsking} from './words.js';

const SECTIONS = {environment: ['The household', true], reward: ['What counts', false], utility: ['What counts', false],
  training: ['How it learns', false]};
const HINTS = {name: 'What its file and its models are called: letters, digits, _, - and full stops.',
  description: 'A line about it, for people.'};

/* The tables of a model: its sections by name, each a JSON schema. */
async function tablesOf(model) {
  const {components: {schemas}} = await openapi();
  const of = (reference) => schemas[reference.$ref.split('/').pop()];
  const wanted = model || 'budget';
  const bodies = (schemas.ScenarioConfig.anyOf || [{$ref: '/ScenarioConfig'}]).map(of);
  const body = bodies.find((each) => (each.properties.model.enum || []).includes(wanted)) || bodies[0];
  const tables = {};
  for (const [name, property] of Object.entries(body.properties)) if (property.$ref) tables[name] = of(property);
  return {body, tables};
}

/* A field that also takes a range where its key may be one. */
class KeyField extends Field {
  constructor(options) {
    super(options);
    this.ranges = [].concat(options.schema.type || []).includes('object');
    this.given = undefined;
  }

  check() {
    const text = this.input.value.trim();
    if (this.ranges && / to /.test(` ${text} `)) {
      const range = parseRange(text);
      this.show(range ? (range.from < range.to ? '' : 'A range goes from the smaller to the larger number.')
        : 'A range is such as “1200 to 15000”, “1200 to 15000, log” or “0.2 to 0.8 of income”.');
      return range !== null && range.from < range.to;
    }
    return super.check();
  }

  get value() {
    const text = this.input.value.trim();
    const range = this.ranges && parseRange(text);
    if (range) return range;
    // what is emptied goes back to what it is by default
    return text === '' && this.given !== undefined ? this.schema.default : super.value;
  }

  set value(value) {
    super.value = isRange(value) ? rangeText(value) : value;
  }

  /* What the household has now. */
  take(value) {
    this.value = value;
    this.given = JSON.stringify(this.value);
  }

  get changed() { return JSON.stringify(this.value) !== this.given; }
}

class Editor {
  constructor(root, {name, from}) {
    Object.assign(this, {root, name, from});
    this.budget = h('div', {class: 'preview'});
  }

  /* `again`: what was typed since it was saved is not drawn over. */
  async load(again = false) {
    const source = this.name || this.from;
    this.detail = null;
    this.tag = null;
    if (source) {
      const answer = await request(`api/scenarios/${segment(source)}`);
      this.tag = answer.headers.get('etag');
      this.detail = await answer.json();
    }
    if (again && this.unsaved) return;
    await this.draw(this.detail || (await call('api/scenarios/templates'))[0], this.detail ? null : true);
  }

  /* `values`: of a household or a template. */
  async draw(values, fresh) {
    const model = values.model || 'budget';
    const {body, tables} = await tablesOf(model);
    this.model = model;
    const about = (key, label) => new Field({name: key, label, hint: HINTS[key], schema: body.properties[key],
      required: key === 'name'});
    const fields = [about('name', 'Name'), about('description', 'Description')];
    const sections = Object.entries(tables).map(([section, table]) => {
      const keys = Object.entries(table.properties).map(([key, schema]) => {
        const field = new KeyField({name: `${section}.${key}`, label: keyLabel(key), schema,
          required: (table.required || []).includes(key), changed: () => this.preview()});
        field.take((values[section] || {})[key]);
        return field;
      });
      fields.push(...keys);
      return [section, keys];
    });
    this.form = new Form({fields, action: this.name ? 'Save' : 'Make it', submit: () => this.save()});
    this.form.fields.get('name').value = this.name || (this.from ? `${this.from}_copy` : '');
    this.form.fields.get('description').value = values.description || '';
    this.begun = this.typed;
    this.described = this.text('description');
    this.lay(sections, fresh);
    this.preview();
  }

  lay(sections, fresh) {
    const cards = sections.map(([section, keys]) => {
      const [label, open] = SECTIONS[section] || [keyLabel(section), false];
      const grid = h('div', {class: 'keys'}, keys.map((field) => field.element));
      return open ? h('section', {class: 'card'}, h('h2', null, label), grid)
        : h('details', {class: 'card'}, h('summary', null, label), grid);
    });
    const {fields} = this.form;
    this.form.lay(h('section', {class: 'card'}, fresh && this.templates(), h('div', {class: 'keys two'},
      fields.get('name').element, fields.get('description').element)), cards);
    const shipped = this.name && this.detail.shipped;
    replace(this.root, h('p', {class: 'back'}, h('a', {href: '#/households'}, '← Households')),
      h('div', {class: 'head'}, h('div', {class: 'titled'}, h('h1', null, this.name ? title(this.name) : 'New household'),
        h('span', {class: 'badge'}, MODELS[this.model] || this.model)), this.name && this.actions(shipped)),
      shipped && h('p', {class: 'faint'}, 'This household came with the program. What you save is a copy of your own under the same name.'),
      h('div', {class: 'columns'}, this.form.element, h('aside', {class: 'card side', 'aria-label': 'A month'}, h('h2', null, 'A month'), this.budget)));
  }

  /* What a new household begins as. */
  templates() {
    const id = newId('template');
    const select = h('select', {id});
    call('api/scenarios/templates').then((list) => {
      add(select, list.map((item, i) => h('option', {value: i}, `${item.display_name} (${MODELS[item.model] || 'Base model'})`)));
      select.value = list.findIndex((item) => item.name === this.template) >= 0 ? String(list.findIndex((item) => item.name === this.template)) : '0';
      select.addEventListener('change', () => {
        this.template = list[select.value].name;
        const {name, description} = {name: this.form.fields.get('name').input.value, description: list[select.value].description};
        this.draw({...list[select.value], description}, true).then(() => { this.form.fields.get('name').value = name; });
      });
    }).catch((error) => notify(error.message, 'error'));
    return h('div', {class: 'field'}, h('label', {for: id}, 'Begin with'), select,
      h('p', {class: 'hint'}, 'Numbers to start from; every one can be changed.'));
  }

  actions(shipped) {
    const at = segment(this.name);
    return h('div', {class: 'row'},
      h('a', {class: 'button', href: `#/now?household=${at}`}, 'Train'), h('a', {class: 'button', href: `#/advice?household=${at}`}, 'Advice'),
      h('a', {class: 'button', href: `#/households?new&from=${at}`}, 'Duplicate'),
      !shipped && h('button', {type: 'button', class: 'danger', onclick: async () => {
        const gone = await removeAfterAsking(`api/scenarios/${at}`, {title: `Delete ${title(this.name)}?`,
          text: 'Its file is deleted. Models that were trained on it stay.', done: `${title(this.name)} was deleted.`});
        if (gone) this.begun = this.typed;
        if (gone && this.root.isConnected) location.hash = '#/households';
      }}, 'Delete'));
  }

  /* The month as it would be. */
  preview() {
    const value = (key) => {
      const field = this.form.fields.get(`environment.${key}`);
      const found = field ? field.value : 0;
      return isRange(found) ? NaN : Number(found) || 0;
    };
    const [income, fixed, variable] = [value('income'), value('fixed_expenses'), value('variable_expense_mean')];
    if ([income, fixed, variable].some(Number.isNaN)) {
      replace(this.budget, h('p', {class: 'faint'}, 'A family: each training household is drawn from the ranges.'));
      return;
    }
    replace(this.budget, income > 0 && budgetBar(income, fixed, variable),
      h('p', null, budgetText(income, fixed, variable)),
      h('ul', {class: 'legend column'}, h('li', {class: 'key fixed'}, 'fixed'), h('li', {class: 'key variable'}, 'variable'), h('li', {class: 'key left'}, 'left')));
  }

  /* Everything that is in the form, and whether it would be lost. */
  get typed() { return JSON.stringify([...this.form.fields.values()].map(({input}) => input.value)); }
  get unsaved() { return this.form !== undefined && this.typed !== this.begun; }

  text(name) { return this.form.fields.get(name).input.value.trim(); }

  /* What must be there and what was changed: the rest of a file stays as people wrote it. */
  get body() {
    const body = {model: this.model};
    for (const [path, field] of this.form.fields) {
      const [section, key] = path.split('.');
      if (key === undefined) continue;
      body[section] = body[section] || {};
      const wanted = field.required || !this.name || field.changed;
      if (wanted && field.value !== undefined) body[section][key] = field.value;
    }
    body.name = this.text('name');
    if (!this.name || this.text('description') !== this.described) body.description = this.text('description') || null;
    if (!this.name && this.detail && this.detail.require) body.require = this.detail.require;
    return body;
  }

  /* As it was saved, with what was unfolded and the focus where they were. */
  async reload() {
    const folds = () => [...this.root.querySelectorAll('details')];
    const open = folds().map((part) => part.open);
    await this.load(true);
    if (this.unsaved) return;
    folds().forEach((part, i) => { part.open = open[i]; });
    this.form.button.focus({preventScroll: true});
  }

  async save() {
    const path = this.name ? `api/scenarios/${segment(this.name)}` : 'api/scenarios';
    const before = this.begun;
    this.begun = this.typed; // on its way: nothing is asked who leaves now
    const answer = await request(path, {method: this.name ? 'PUT' : 'POST', json: this.body,
      headers: this.name && this.tag ? {'If-Match': this.tag} : {}}).catch((error) => {
      this.begun = before;
      throw error;
    });
    const made = await answer.json();
    if (this.name === made.name) await this.reload();
    else if (this.root.isConnected) location.hash = `#/households/${segment(made.name)}`; // unless one has gone elsewhere
    notify(made.message || 'Saved.');
  }
}

export async function showEditor(root, what) {
  const editor = new Editor(root, what);
  await editor.load();
  const ask = (event) => editor.unsaved && event.preventDefault(); // the browser does
  addEventListener('beforeunload', ask);
  const end = () => removeEventListener('beforeunload', ask);
  end.unsaved = () => editor.unsaved;
  return end;
}
