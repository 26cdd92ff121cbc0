// Run once for the limits of the composer, with Gradio's own names: element, props, watch.
// What is set is their value, as JSON, and stays here in the browser; the server draws what can be set.

const limits = () => JSON.parse(props.value);
const set = (changes) => {
  props.value = JSON.stringify({ ...limits(), ...changes });
  show();
};
const without = (list, name) => (list ?? []).filter((one) => one !== name);

// The fields say what is set, also after the server has drawn them anew from what was set a moment ago.
let open = false;
let wanted = '';
const show = () => {
  const now = limits();
  element.querySelector('details').open = open;
  for (const field of element.querySelectorAll('input, select')) {
    if (field.type === 'checkbox') field.checked = (now[field.name] ?? []).includes(field.value);
    else if (field !== document.activeElement) field.value = now[field.name] ?? ''; // not a date half written
  }
  take();
};
// Enter takes the first name that holds what is typed, once it has been drawn.
const take = () => {
  const field = wanted && element.querySelector(`input[type=search][name=${wanted}]`);
  if (!field) return;
  const typed = field.value.trim().toLowerCase();
  const found = [...field.parentElement.querySelectorAll('[type=checkbox]')]
    .find((box) => box.value.toLowerCase().includes(typed));
  if (!typed || !found) return;
  wanted = field.value = '';
  set({ [found.name]: [...without(limits()[found.name], found.value), found.value], [field.name]: '' });
};

element.addEventListener('toggle', (event) => { open = event.target.open; }, true);
element.addEventListener('input', ({ target }) => {
  wanted = '';
  if (target.type !== 'checkbox') set({ [target.name]: target.value });
  else set({ [target.name]: [...without(limits()[target.name], target.value), ...(target.checked ? [target.value] : [])] });
});
element.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.isComposing || event.target.type !== 'search') return;
  wanted = event.target.name;
  take();
});
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-drop], [data-clear]');
  if (!button) return;
  const kept = { ...limits() };
  const dropped = button.dataset.drop?.split(' ') ?? Object.keys(kept).filter((name) => name !== 'settings');
  for (const name of dropped) {
    if (button.dataset.value) kept[name] = without(kept[name], button.dataset.value);
    else delete kept[name];
  }
  props.value = JSON.stringify(kept);
  show();
  element.querySelector('summary').focus({ preventScroll: true }); // the chip that had the focus is gone
});

// The settings of this browser go with every question.
const settle = () => {
  let settings = {};
  try { settings = JSON.parse(localStorage.getItem('byline-settings') ?? '{}'); } catch { /* as if there were none */ }
  set({ settings });
};
addEventListener('byline-settings', settle);
addEventListener('storage', settle);
// Gradio puts the first value back once while the page begins: then the settings are put in again.
watch(Object.keys(props), () => ('settings' in limits() ? show() : settle()));
settle();
