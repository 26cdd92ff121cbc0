// Run once for each HTML component of the page, with Gradio's own names: element, trigger, watch.

// A button says in data-event which of the page's functions it calls; its data-* are what that function gets.
const events = [
  'passage', 'quote', 'carrier', 'sources', 'example', 'again', 'edit', 'revise', 'anydate', 'usemodel',
  'openadded', 'backtoreport',
];
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-event]');
  if (!button || !events.includes(button.dataset.event)) return;
  // A button may stand for a field: then what is written there goes with it.
  const field = button.dataset.from && element.querySelector(`[id="${button.dataset.from}"]`);
  trigger(button.dataset.event, { ...button.dataset, ...(field ? { text: field.value } : {}) });
});
element.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  const field = event.target.closest('.understood input, .edit textarea');
  if (!field) return;
  event.preventDefault();
  field.parentElement.querySelector('[data-event]').click();
});

// The element a click asked for takes the focus, once; news is scrolled to, once; a new question comes to the top.
const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
let focused = '';
let shown = '';
let newest = element.querySelector('.exchange')?.id ?? '';
watch('value', () => {
  const target = element.querySelector('[data-focus]');
  if (target && target.dataset.focus !== focused) {
    focused = target.dataset.focus;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: 'center', behavior });
  }
  const news = element.querySelector('[data-show]');
  if (news && news.dataset.show !== shown) {
    shown = news.dataset.show;
    news.scrollIntoView({ block: 'nearest', behavior });
  }
  if (element.closest('#now')) {
    const exchange = element.querySelector('.exchange');
    if (exchange && exchange.id !== newest) {
      // The button that asked is gone: whoever goes on with the keyboard goes on from the question.
      if (document.activeElement === document.body) exchange.querySelector('h2').focus({ preventScroll: true });
      exchange.scrollIntoView({ block: 'start', behavior });
    }
    newest = exchange?.id ?? '';
  }
  if (element.closest('#log, #panel')) markUses();
});

// The sentences of the answer that rest on the open article are marked, and the marker that opened it.
function markUses() {
  const reading = document.querySelector('#panel .reading');
  const { exchange, home, numbers } = reading?.dataset ?? { numbers: '' };
  const open = numbers.split(' ').filter(Boolean);
  for (const said of document.querySelectorAll('#log .said')) {
    const cites = said.dataset.cites.split(' ');
    const uses = said.closest('.exchange').id === `x${exchange}` && open.some((number) => cites.includes(number));
    said.classList.toggle('open', uses);
  }
  for (const marker of document.querySelectorAll('#log [data-event="quote"]')) {
    if (home && marker.id === home) marker.setAttribute('aria-current', 'true');
    else marker.removeAttribute('aria-current');
  }
}

if (!window.bylineKeys) {
  window.bylineKeys = true;
  // A file that misses the place for files must not take the page's place.
  for (const name of ['dragover', 'drop']) document.addEventListener(name, (event) => event.preventDefault());
  // The box may stand in a view that is not shown.
  const toTheBox = () => {
    const box = document.querySelector('#question textarea');
    const view = box.closest('[role="tabpanel"]');
    const tab = document.querySelector(`[role="tab"][aria-controls="${view?.id}"][aria-selected="false"]`);
    tab?.click();
    box.focus();
    if (tab) requestAnimationFrame(() => box.focus());
  };
  // A quote that covers the text goes away until it is pointed at again.
  const hush = (cite) => {
    cite.classList.add('hushed');
    const again = () => cite.classList.remove('hushed');
    for (const left of ['mouseleave', 'focusout']) cite.addEventListener(left, again, { once: true });
  };
  document.addEventListener('keydown', (event) => {
    const writing = event.target.closest('input, textarea, select, [contenteditable="true"]');
    if (event.key === '/' && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      toTheBox();
    }
    if (event.key === 'Escape') {
      document.querySelector('button#stop')?.click();
      document.querySelectorAll('.cite:is(:hover, :focus-within)').forEach(hush);
    }
  });
}
