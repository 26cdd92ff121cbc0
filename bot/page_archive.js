
// The archive view, after page.js in the same function. The form is the one place that says what is listed: the plot
// and the chips write into its fields, and it alone asks for a list.
const form = () => document.querySelector('#archive-form form');
const turns = ['turn', 'readarticle', 'confirmtakeout', 'keeparticles', 'letback'];
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-event], [data-take], [data-set]');
  if (!button || button.disabled) return;
  if (turns.includes(button.dataset.event)) trigger(button.dataset.event, { ...button.dataset });
  if (button.dataset.event === 'readarticle') {
    element.querySelector('[aria-current]')?.removeAttribute('aria-current');
    button.setAttribute('aria-current', 'true');
  }
  if (button.dataset.take === 'this') trigger('takeout', { ids: [button.dataset.article] });
  if (button.dataset.take === 'ticked') trigger('takeout', { ids: ticks(':checked').map((box) => box.value) });
  if (button.dataset.set) set(button.dataset.set);
});
element.addEventListener('keydown', (event) => {
  const dialog = event.target.closest('[role="alertdialog"]');
  if (dialog && event.key === 'Escape') dialog.querySelector('[data-event="keeparticles"]').click();
});

function set(what) {
  const { since, until, undated, words, kind } = form().elements;
  since.value = until.value = '';
  undated.value = what === 'undated' ? '1' : '';
  if (what === 'all') {
    words.value = kind.value = '';
    form().querySelectorAll('[name="outlet"]').forEach((box) => { box.checked = false; });
  }
  form().dispatchEvent(new Event('change', { bubbles: true }));
}

// The form. Words and dates are waited for while they are being written.
if (element.closest('#archive-form')) {
  let waiting = 0;
  let last = '';
  const browse = () => {
    clearTimeout(waiting);
    const data = new FormData(form());
    const asked = { ...Object.fromEntries(data), outlets: data.getAll('outlet') };
    const number = asked.outlets.length;
    const tally = element.querySelector('.outlets .tally');
    if (tally) tally.textContent = number ? `${number} chosen` : tally.dataset.none;
    document.dispatchEvent(new Event('byline-dates'));
    if (JSON.stringify(asked) === last) return;
    last = JSON.stringify(asked);
    trigger('browse', asked);
  };
  const soon = (milliseconds) => { clearTimeout(waiting); waiting = setTimeout(browse, milliseconds); };
  element.addEventListener('input', (event) => { if (event.target.name === 'words') soon(250); });
  element.addEventListener('change', (event) => {
    const dated = ['since', 'until'].includes(event.target.name);
    if (dated) form().elements.undated.value = '';
    if (dated) soon(500); else browse();
  });
  element.addEventListener('submit', (event) => { event.preventDefault(); browse(); });
  const close = (event) => {
    const open = element.querySelector('.outlets details[open]');
    if (open && (event.key === 'Escape' || (event.type === 'pointerdown' && !open.contains(event.target)))) {
      open.open = false;
      if (event.key) open.querySelector('summary').focus();
    }
  };
  element.addEventListener('keydown', close);
  document.addEventListener('pointerdown', close);
}

// The plot: bars are brushed with the pointer, or its two ends are moved with the arrow keys.
if (element.closest('#archive-plot')) {
  const bars = () => [...element.querySelectorAll('.bar')];
  const chosen = () => {
    const { since, until } = form()?.elements ?? {};
    if (!since?.value && !until?.value) return null;
    const within = bars().map((bar) => (!since.value || bar.dataset.until >= since.value)
      && (!until.value || bar.dataset.since <= until.value));
    return within.includes(true) ? [within.indexOf(true), within.lastIndexOf(true)] : [];
  };
  const paint = (range = chosen()) => {
    const strip = element.querySelector('.strip');
    if (!strip) return;
    const all = bars();
    const [from, to] = range?.length ? range : [0, all.length - 1];
    const brush = strip.querySelector('.brush');
    brush.hidden = !range?.length;
    brush.style.left = `${(100 * from) / all.length}%`;
    brush.style.width = `${(100 * (to - from + 1)) / all.length}%`;
    all.forEach((bar, place) => bar.classList.toggle('out', Boolean(range) && !(range.length && place >= from && place <= to)));
    [['.from', from], ['.to', to]].forEach(([name, place]) => {
      const handle = strip.querySelector(name);
      if (!handle) return;
      handle.value = place;
      handle.setAttribute('aria-valuetext', all[place].querySelector('title').textContent);
    });
  };
  const commit = ([from, to]) => {
    const all = bars();
    const same = JSON.stringify(chosen()) === JSON.stringify([from, to]);
    const whole = from === 0 && to === all.length - 1;
    const { since, until, undated } = form().elements;
    undated.value = '';
    since.value = whole || same ? '' : all[from].dataset.since;
    until.value = whole || same ? '' : all[to].dataset.until;
    form().dispatchEvent(new Event('change', { bubbles: true }));
  };
  let start = -1;
  const place = (event) => {
    const box = element.querySelector('svg').getBoundingClientRect();
    const number = bars().length;
    return Math.max(0, Math.min(number - 1, Math.floor(((event.clientX - box.left) / box.width) * number)));
  };
  const range = (event) => [Math.min(start, place(event)), Math.max(start, place(event))];
  element.addEventListener('pointerdown', (event) => {
    if (!event.target.closest('svg') || event.button !== 0) return;
    event.preventDefault();
    event.target.closest('svg').setPointerCapture(event.pointerId);
    start = place(event);
    paint([start, start]);
  });
  element.addEventListener('pointermove', (event) => { if (start >= 0) paint(range(event)); });
  element.addEventListener('pointerup', (event) => {
    if (start < 0) return;
    const brushed = range(event);
    start = -1;
    commit(brushed);
  });
  element.addEventListener('pointercancel', () => { start = -1; paint(); });
  const ends = (moved) => {
    const [from, to] = ['.from', '.to'].map((name) => Number(element.querySelector(name).value));
    if (from <= to) return [from, to];
    return moved.matches('.from') ? [to, to] : [from, from];
  };
  element.addEventListener('input', (event) => { if (event.target.matches('.handle')) paint(ends(event.target)); });
  element.addEventListener('change', (event) => {
    if (!event.target.matches('.handle')) return;
    const wanted = ends(event.target);
    if (JSON.stringify(chosen()) !== JSON.stringify(wanted)) commit(wanted);
  });
  document.addEventListener('byline-dates', () => paint());
  watch('value', () => paint());
  paint();
}

// An article begins at its top, unless one of the words that were looked for has been scrolled to.
if (element.closest('#archive-reading')) {
  watch('value', () => {
    if (!element.querySelector('mark.chosen')) element.querySelector('.reading')?.scrollIntoView({ block: 'start' });
  });
}

// The list: what is ticked can be removed.
function ticks(state = '') {
  return [...element.querySelectorAll(`.tick${state}`)];
}
if (element.closest('#archive-shelf')) {
  element.addEventListener('change', (event) => {
    if (event.target.matches('.all')) ticks().forEach((box) => { box.checked = event.target.checked; });
    const number = ticks(':checked').length;
    const all = element.querySelector('.all');
    all.checked = number === ticks().length;
    all.indeterminate = number > 0 && !all.checked;
    element.querySelector('.picked .tally').textContent = number ? `${number} ticked` : '';
    element.querySelector('[data-take]').hidden = !number;
  });
}
