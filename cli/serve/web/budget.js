/* A household's month: what comes in, what goes out, what is left. */

import {h} from './dom.js';
import {euro, percent} from './format.js';

export const MODELS = {budget: 'Base model', lifecycle: 'Lifecycle'};

/* A month's income as a bar: what is fixed, what varies, what is left. */
export function budgetBar(income, fixed, variable) {
  const left = income - fixed - variable;
  const whole = Math.max(income, fixed + variable, 1e-9);
  const part = (kind, value) => {
    const element = h('span', {class: kind});
    element.style.width = `${(100 * Math.max(value, 0)) / whole}%`;
    return element;
  };
  return h('div', {class: 'budget', role: 'img',
    'aria-label': `${euro(income)} a month: ${euro(fixed)} fixed, ${euro(variable)} variable, ${euro(left)} left`},
  part('fixed', fixed), part('variable', variable), part('left', left));
}

export function budgetText(income, fixed, variable) {
  const left = income - fixed - variable;
  if (income <= 0) return 'lives on what it owns';
  return left < 0 ? `${euro(-left)} a month more than comes in` : `${euro(left)} of ${euro(income)} left a month, ${percent(left / income)}`;
}
