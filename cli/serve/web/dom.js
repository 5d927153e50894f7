/* Elements. Text becomes text nodes, never HTML: whatever a scenario is called, it is shown
 * as it is spelt. */

const SVG = 'http://www.w3.org/2000/svg';

function setProperty(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
  else if (name === 'value' || name === 'checked' || name === 'selected') element[name] = value;
  else element.setAttribute(name, value === true ? '' : value);
}

/* h('p', {class: 'faint'}, 'text', otherElement, [more]) */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {}))
    if (name !== 'value') setProperty(element, name, value);
  add(element, children);
  // a select's value is one of its children's
  if (properties && 'value' in properties) setProperty(element, 'value', properties.value);
  return element;
}

export function add(parent, children) {
  for (const child of [children].flat(Infinity))
    if (child !== null && child !== undefined && child !== false) parent.append(child);
  return parent;
}

/* An icon of one path, drawn on 24 by 24; decoration, since its button says what it does. */
export function icon(path) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const shape = document.createElementNS(SVG, 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}

/* Writes only what changed: screens and screen readers are not told of the rest. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function replace(parent, ...children) {
  parent.replaceChildren();
  return add(parent, children);
}

let serial = 0;
export const newId = (stem) => `${stem}-${++serial}`;

/* A short message that goes by itself; errors stay until they are dismissed. */
export function notify(text, kind = 'info') {
  const notes = document.getElementById('notes');
  const note = h('div', {class: `note ${kind}`}, h('span', null, text),
    h('button', {type: 'button', class: 'quiet', 'aria-label': 'Dismiss', onclick: () => note.remove()}, '×'));
  if (kind === 'error') note.setAttribute('role', 'alert');
  notes.append(note);
  while (notes.children.length > 3) notes.firstChild.remove();
  if (kind !== 'error') setTimeout(() => note.remove(), 6000);
}

/* Asks before something is lost. Resolves to whether it was agreed to. */
export function confirm({title, text, action, keep = 'Keep it'}) {
  return new Promise((resolve) => {
    const id = newId('dialog');
    const dialog = h('dialog', {class: 'question', 'aria-labelledby': id},
      h('h2', {id}, title), h('p', null, text),
      h('div', {class: 'row end'},
        h('button', {type: 'button', onclick: () => dialog.close('')}, keep),
        h('button', {type: 'button', class: 'danger', onclick: () => dialog.close('yes')}, action)));
    dialog.addEventListener('close', () => {
      resolve(dialog.returnValue === 'yes');
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
