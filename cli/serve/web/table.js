/* Tables that can be sorted by their columns. */

import {add, h, replace} from './dom.js';

const compare = (a, b) => {
  if (a === b) return 0;
  // what has no value comes last, whichever way round
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return typeof a === 'string' ? a.localeCompare(b, undefined, {numeric: true}) : a - b;
};

/* What tells a control from those of other rows. */
const markOf = (control) => control.getAttribute('aria-label') || control.getAttribute('href');

export class Table {
  /* `columns`: [{label, cell(row), key(row), number, optional, head}]; `optional` ones are left out
   * on narrow screens. `sort`: {by: label, down}. */
  constructor({caption, columns, sort, sorted = () => {}}) {
    Object.assign(this, {columns, sort, sorted});
    this.rows = [];
    this.head = h('tr', null, columns.map((column) => this.makeHead(column)));
    this.body = h('tbody', null);
    this.element = h('div', {class: 'wide-table', role: 'region', 'aria-label': caption, tabindex: 0},
      h('table', {'aria-label': caption}, h('thead', null, this.head), this.body));
    this.showSort();
  }

  classes(column) {
    return [column.number && 'n', column.optional && 'opt', column.kind].filter(Boolean).join(' ') || undefined;
  }

  makeHead(column) {
    const cell = h('th', {scope: 'col', class: this.classes(column)});
    if (column.key)
      cell.append(h('button', {type: 'button', class: 'quiet sort', onclick: () => this.sortBy(column)}, column.label));
    else cell.append(h('span', {class: column.label ? undefined : 'hidden'}, column.label || column.name));
    return cell;
  }

  showSort() {
    this.columns.forEach((column, i) => {
      const cell = this.head.children[i];
      const on = this.sort && column.label === this.sort.by;
      if (column.key) cell.setAttribute('aria-sort', on ? (this.sort.down ? 'descending' : 'ascending') : 'none');
    });
  }

  sortBy(column) {
    const again = this.sort && this.sort.by === column.label;
    this.sort = {by: column.label, down: again ? !this.sort.down : Boolean(column.number)};
    this.showSort();
    this.show(this.rows);
    this.sorted(this.sort);
  }

  show(rows) {
    this.rows = rows;
    const column = this.sort && this.columns.find((candidate) => candidate.label === this.sort.by);
    let ordered = rows;
    if (column && column.key) {
      const [known, unknown] = [[], []];
      for (const row of rows) (column.key(row) === null || column.key(row) === undefined ? unknown : known).push(row);
      known.sort((a, b) => compare(column.key(a), column.key(b)) * (this.sort.down ? -1 : 1));
      ordered = [...known, ...unknown];
    }
    const here = this.body.contains(document.activeElement) && markOf(document.activeElement);
    replace(this.body, ordered.map((row) => h('tr', null,
      this.columns.map((each) => add(h('td', {class: this.classes(each)}), each.cell(row))))));
    if (!here) return;
    ([...this.body.querySelectorAll('a, button, input')].find((each) => markOf(each) === here) || this.element).focus();
  }
}

/* Pairs of a name and a value. */
export function facts(pairs) {
  return h('dl', {class: 'facts'}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
}
