// Run once for each HTML component of the page, with Gradio's own names: element, trigger, watch.

// A button says in data-event which of the page's functions it calls; its data-* are what that function gets.
const events = ['cite', 'passage', 'quote', 'carrier', 'sources', 'example', 'revise', 'anydate'];
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-event]');
  if (!button || !events.includes(button.dataset.event)) return;
  // A button may stand for a field: then what is written there goes with it.
  const field = button.dataset.from && element.querySelector(`input[id="${button.dataset.from}"]`);
  trigger(button.dataset.event, { ...button.dataset, ...(field ? { text: field.value } : {}) });
});
element.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.isComposing && event.target.matches('.understood input')) {
    event.target.parentElement.querySelector('[data-event]').click();
  }
});

// The element a click asked for takes the focus, once; a new question comes to the top.
const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
let focused = '';
let newest = element.querySelector('.exchange')?.id;
watch('value', () => {
  const target = element.querySelector('[data-focus]');
  if (target && target.dataset.focus !== focused) {
    focused = target.dataset.focus;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: 'center', behavior });
  }
  const exchange = element.closest('#now')?.querySelector('.exchange');
  if (exchange && exchange.id !== newest) {
    newest = exchange.id;
    exchange.scrollIntoView({ block: 'start', behavior });
  }
});

if (!window.bylineKeys) {
  window.bylineKeys = true;
  document.addEventListener('keydown', (event) => {
    const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === '/' && !writing) {
      event.preventDefault();
      document.querySelector('#question textarea').focus();
    }
    if (event.key === 'Escape') document.querySelector('button#stop')?.click();
  });
}
