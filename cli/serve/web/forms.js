/* Forms made of the service's own tables, as /openapi.json has them: what a field is for, what it
 * must be, what it is by default. What the service refuses is shown at its field. */

import {add, h, newId, setText} from './dom.js';
import {integer, short, toNumber} from './format.js';

const typesOf = (schema) => [].concat(schema.type || []);
const isNumber = (schema) => typesOf(schema).includes('number') || typesOf(schema).includes('integer');
const isInteger = (schema) => typesOf(schema).includes('integer');

/* What is wrong with a text that was typed, or ''. */
export function fault(schema, text, required) {
  const trimmed = text.trim();
  if (trimmed === '') return required ? 'A value is needed.' : '';
  if (isNumber(schema)) {
    const value = toNumber(trimmed);
    if (!Number.isFinite(value)) return 'A number is needed.';
    if (isInteger(schema) && !Number.isInteger(value)) return 'A whole number is needed.';
    // what a browser does not count exactly would become another number on its way
    if (isInteger(schema) && !Number.isSafeInteger(value)) return `Whole numbers are exact up to ${integer(Number.MAX_SAFE_INTEGER)} here.`;
    const {exclusiveMinimum: above, minimum: least, maximum: most} = schema;
    if (above !== undefined && value <= above) return `More than ${short(above)} is needed.`;
    if (least !== undefined && value < least) return `At least ${short(least)} is needed.`;
    if (most !== undefined && value > most) return `At most ${short(most)} is possible.`;
  } else {
    if (schema.minLength !== undefined && trimmed.length < schema.minLength) return 'A value is needed.';
    if (schema.maxLength !== undefined && trimmed.length > schema.maxLength)
      return `At most ${schema.maxLength} characters are possible.`;
  }
  return '';
}

/* The tables' phrases as sentences. */
const sentence = (text) => (text ? text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.') : '');

/* One labelled input with its meaning and its error. */
export class Field {
  constructor({name, label, schema, required = false, options, hint, changed}) {
    Object.assign(this, {name, schema, required});
    const id = newId('field');
    this.error = h('p', {class: 'error', id: `${id}-error`});
    this.hint = h('p', {class: 'hint', id: `${id}-hint`}, hint === undefined ? sentence(schema.description) : hint);
    const unit = schema['x-unit'];
    const head = h('label', {for: id}, label, unit && h('span', {class: 'unit'}, ` ${unit}`));
    const common = {id, name, 'aria-describedby': `${id}-hint ${id}-error`, required};
    const words = options || schema.enum;
    if (typesOf(schema).includes('boolean')) {
      this.input = h('input', {...common, type: 'checkbox', required: false});
      this.element = h('div', {class: 'field'}, h('div', {class: 'check'}, this.input, head), h('div', null, this.error, this.hint));
    } else if (words) {
      this.input = h('select', common, words.map((word) =>
        (typeof word === 'string' ? h('option', {value: word}, word) : h('option', {value: word.value}, word.label))));
    } else if (schema.maxLength > 1000) {
      this.input = h('textarea', {...common, rows: 2}); // of several lines, which an input would join
    } else {
      this.input = h('input', {...common, type: 'text', autocomplete: 'off', spellcheck: 'false',
        inputmode: isNumber(schema) ? (isInteger(schema) ? 'numeric' : 'decimal') : undefined,
        placeholder: schema.default !== undefined && schema.default !== null ? String(schema.default) : undefined});
    }
    if (schema.default !== undefined && schema.default !== null) this.input.value = String(schema.default);
    this.input.addEventListener('input', () => {
      this.check();
      if (changed) changed(this);
    });
    this.element = this.element || h('div', {class: 'field'}, head, this.input, h('div', null, this.error, this.hint));
  }

  /* Shows what is wrong; gives whether it is right. */
  check() {
    if (this.input.type === 'checkbox') return true;
    this.show(fault(this.schema, this.input.value, this.required));
    return this.error.textContent === '';
  }

  show(message) {
    setText(this.error, message);
    if (message) this.input.setAttribute('aria-invalid', 'true');
    else this.input.removeAttribute('aria-invalid');
  }

  /* Unfolds what it lies in: an error that nobody sees helps nobody. */
  reveal() {
    const fold = this.input.closest('details');
    if (fold) fold.open = true;
  }

  /* For the body of a request; undefined: absent. */
  get value() {
    if (this.input.type === 'checkbox') return this.input.checked;
    const text = this.input.value.trim();
    if (text === '') return undefined;
    return isNumber(this.schema) ? toNumber(text) : text;
  }

  set value(value) {
    this.input.value = value === undefined || value === null ? '' : String(value);
  }
}

/* A form of fields by the path of their key: 'seed', 'environment.income'. */
export class Form {
  constructor({fields, submit, action}) {
    this.fields = new Map(fields.map((field) => [field.name, field]));
    this.error = h('p', {class: 'error', role: 'alert'});
    this.button = h('button', {class: 'primary'}, action);
    this.element = h('form', {novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.send(submit);
    }});
  }

  /* Puts the fields where they belong; by default one below the other. */
  lay(...children) {
    add(this.element, children.length ? children : [...this.fields.values()].map((field) => field.element));
    add(this.element, [this.error, h('div', {class: 'row'}, this.button)]);
    return this;
  }

  check() {
    const wrong = [...this.fields.values()].filter((field) => !field.check());
    wrong.forEach((field) => field.reveal());
    if (wrong.length) wrong[0].input.focus();
    return wrong.length === 0;
  }

  get values() {
    const body = {};
    for (const [path, field] of this.fields) {
      if (field.value === undefined) continue;
      const keys = path.split('.');
      let place = body;
      for (const key of keys.slice(0, -1)) place = place[key] = place[key] || {};
      place[keys[keys.length - 1]] = field.value;
    }
    return body;
  }

  async send(submit) {
    setText(this.error, '');
    if (!this.check()) return;
    this.button.disabled = true;
    try {
      await submit(this.values);
    } catch (error) {
      this.fail(error);
    } finally {
      this.button.disabled = false;
      // a button that is disabled loses the focus
      if (document.activeElement === document.body) this.button.focus();
    }
  }

  fail(error) {
    const wrong = [], elsewhere = [];
    for (const [path, message] of Object.entries(error.fields || {})) {
      const field = this.fields.get(path);
      if (field) {
        field.show(message);
        field.reveal();
        wrong.push(field);
      } else {
        elsewhere.push(path ? `${path}: ${message}` : message);
      }
    }
    if (wrong.length) wrong[0].input.focus();
    setText(this.error, wrong.length ? elsewhere.join('; ') : error.message);
  }
}
