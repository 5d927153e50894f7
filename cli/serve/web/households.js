/* Households: what there is, with what is left of each month's income. */

import {add, h, replace} from './dom.js';
import {call, segment} from './api.js';
import {title} from './format.js';
import {budgetBar, budgetText, MODELS} from './budget.js';
import {showEditor} from './editor.js';
import {removeAfterAsking} from './words.js';

class List {
  constructor(root) {
    this.place = h('div', {class: 'cards'});
    this.search = h('input', {type: 'search', placeholder: 'Search', 'aria-label': 'Search households', autocomplete: 'off',
      oninput: () => this.show()});
    this.heading = h('h1', {tabindex: -1}, 'Households');
    add(root, [h('div', {class: 'head'}, this.heading, h('div', {class: 'row'}, this.search,
      h('a', {class: 'button primary', href: '#/households?new'}, 'New household'))), this.place]);
  }

  async load() {
    this.all = await call('api/scenarios');
    this.show();
  }

  show() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (item) => words.every((word) => `${item.name} ${title(item.name)} ${item.description || ''} ${item.model || ''}`.toLowerCase().includes(word));
    const found = this.all.filter(fits);
    if (found.length) replace(this.place, found.map((item) => this.card(item)));
    else replace(this.place, h('section', {class: 'card empty'}, this.all.length
      ? [h('h2', null, 'No household is like that'), h('p', null, 'Try other words.')]
      : [h('h2', null, 'There are no households yet'), h('p', null, 'A household is what agents learn to run: its income, its expenses, its plans.'),
        h('p', null, h('a', {class: 'button primary', href: '#/households?new'}, 'Make the first'))]));
  }

  card(item) {
    const at = segment(item.name);
    const figures = item.error
      ? h('p', {class: 'error'}, item.error)
      : [item.income > 0 && budgetBar(item.income, item.fixed_expenses, item.variable_expenses),
        h('p', {class: 'small'}, budgetText(item.income, item.fixed_expenses, item.variable_expenses))];
    return h('article', {class: 'card household'},
      h('div', {class: 'titled'}, h('h2', null, h('a', {href: `#/households/${at}`}, title(item.name))),
        item.model && h('span', {class: 'badge'}, MODELS[item.model] || item.model),
        item.is_family && h('span', {class: 'badge'}, 'Family')),
      item.description && h('p', {class: 'faint small about'}, item.description), figures,
      h('div', {class: 'row'},
        !item.error && h('a', {class: 'button', href: `#/now?household=${at}`, 'aria-label': `Train ${item.name}`}, 'Train'),
        !item.error && h('a', {class: 'button', href: `#/advice?household=${at}`, 'aria-label': `Advice for ${item.name}`}, 'Advice'),
        h('a', {class: 'button', href: `#/households?new&from=${at}`, 'aria-label': `Duplicate ${item.name}`}, 'Duplicate'),
        !item.shipped && h('button', {type: 'button', class: 'danger', 'aria-label': `Delete ${item.name}`, onclick: () => this.remove(item)}, 'Delete')));
  }

  async remove(item) {
    const gone = await removeAfterAsking(`api/scenarios/${segment(item.name)}`, {title: `Delete ${title(item.name)}?`,
      text: 'Its file is deleted. Models that were trained on it stay.', done: `${title(item.name)} was deleted.`});
    if (!gone) return;
    await this.load();
    this.heading.focus(); // what had the focus is gone
  }
}

async function show(root, {rest, query}) {
  if (rest.length) return showEditor(root, {name: rest[0]});
  // in no path: a household may be called so, too
  if (query.has('new')) return showEditor(root, {from: query.get('from')});
  const list = new List(root);
  await list.load();
  return null;
}

export const households = {path: 'households', title: 'Households',
  icon: 'M3 11l9-8 9 8M6 9v11h12V9M10 20v-6h4v6', show};
