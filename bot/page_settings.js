// Run once for the settings of this browser, with Gradio's own name: element. They are kept in its local storage, and
// whoever needs them hears of a change by the event 'byline-settings'; other tabs hear of it by 'storage'.

const key = 'byline-settings';
const stored = () => {
  try { return JSON.parse(localStorage.getItem(key) ?? '{}') ?? {}; } catch { return {}; }
};
const usual = element.querySelector('[data-theme]').dataset;
const show = () => {
  const now = { ...usual, ...stored() };
  for (const field of element.querySelectorAll('input, select')) {
    if (field.type === 'radio') field.checked = field.value === now[field.name];
    else if (field !== document.activeElement) field.value = now[field.name];
  }
};
const keep = (changes) => {
  const now = { ...stored(), ...changes };
  for (const name of Object.keys(now)) if (now[name] === '') delete now[name];
  try { localStorage.setItem(key, JSON.stringify(now)); } catch { /* a browser that keeps nothing */ }
  dispatchEvent(new Event(key));
};

element.addEventListener('input', ({ target }) => {
  if (target.checkValidity()) keep({ [target.name]: target.value });
});
element.addEventListener('click', ({ target }) => {
  if (target.closest('[data-reset]')) keep({ strictness: '', passages: '', theme: '' });
});
element.addEventListener('focusout', show);
addEventListener(key, show);
addEventListener('storage', show);
show();
