/* Where browsers know trusted types, nothing becomes HTML: whatever is set as such, by the
 * charts' library included, is escaped. */
'use strict';
if (window.trustedTypes)
  trustedTypes.createPolicy('default', {
    createHTML: (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`),
  });
