// Run once for the drawer of conversations and once for what says which one is open here (element, trigger, watch).

const events = ['reopen', 'rename', 'discard', 'discardall'];
const drawer = element.closest('#kept');
if (drawer) keepDrawer();
else keepHere();

function keepDrawer() {
  drawer.setAttribute('popover', '');
  drawer.setAttribute('role', 'dialog');
  drawer.setAttribute('aria-label', 'Conversations');
  drawer.addEventListener('toggle', (event) => {
    if (event.newState !== 'open') return;
    drawer.querySelector('h2')?.focus();
    trigger('refresh'); // another tab may have asked meanwhile
  });
  drawer.addEventListener('click', (event) => {
    const button = event.target.closest('[data-event]');
    if (!button || !events.includes(button.dataset.event)) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens in another tab, as links do
    event.preventDefault();
    const field = button.dataset.from && drawer.querySelector(`[id="${button.dataset.from}"]`);
    trigger(button.dataset.event, { ...button.dataset, ...(field ? { text: field.value } : {}) });
    if (button.dataset.event === 'reopen') drawer.hidePopover();
  });
  drawer.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') event.stopPropagation(); // closes the drawer, and stops no model
    if (event.key !== 'Enter' || event.isComposing || !event.target.matches('.field input')) return;
    event.target.parentElement.querySelector('[data-event]').click();
  });
  watch('value', () => {
    // The button that asked for it is gone.
    if (drawer.matches(':popover-open') && document.activeElement === document.body) drawer.querySelector('h2').focus();
  });
}

function keepHere() {
  let votes = {};
  watch('value', () => {
    const here = element.querySelector('[data-c]');
    if (!here) return;
    const address = new URL(location.href);
    if (here.dataset.c) address.searchParams.set('c', here.dataset.c);
    else address.searchParams.delete('c');
    if (address.href !== location.href) history.replaceState(history.state, '', address);
    votes = JSON.parse(here.dataset.votes);
    mark();
  });

  // Answers are drawn anew as the conversation goes on, each time without their votes.
  let due = false;
  new MutationObserver(() => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; mark(); });
  }).observe(document.body, { childList: true, subtree: true });

  function mark() {
    for (const keep of document.querySelectorAll('#log .keep')) {
      const vote = votes[keep.dataset.exchange] ?? { thumb: '', reason: '' };
      for (const thumb of keep.querySelectorAll('.thumb')) {
        thumb.setAttribute('aria-pressed', String(thumb.dataset.thumb === vote.thumb));
      }
      const why = keep.querySelector('.why');
      if (!why) continue;
      why.hidden = !vote.thumb;
      const field = why.querySelector('input');
      if (document.activeElement !== field) field.value = vote.reason;
    }
  }

  function tell(keep, words) {
    const told = keep.querySelector('.told');
    told.textContent = words;
    setTimeout(() => { if (told.textContent === words) told.textContent = ''; }, 4000);
  }

  function say(keep, thumb, reason) {
    const exchange = keep.dataset.exchange;
    votes = { ...votes, [exchange]: { thumb, reason } };
    mark();
    trigger('vote', { exchange, thumb, reason });
    tell(keep, thumb ? 'Kept' : 'Taken back');
  }

  document.addEventListener('click', async (event) => {
    const keep = event.target.closest('#log .keep');
    const copy = event.target.closest('[data-copy]');
    const thumb = event.target.closest('[data-thumb]');
    if (keep && copy) tell(keep, (await copied(copy.dataset.copy)) ? 'Copied' : 'Not copied: the browser forbids it');
    if (keep && thumb) {
      const isTaken = thumb.getAttribute('aria-pressed') === 'true';
      const reason = keep.querySelector('.why input').value;
      say(keep, isTaken ? '' : thumb.dataset.thumb, isTaken ? '' : reason);
    }
  });
  // Gradio's <base> has no query, so that a link to a place on the page would leave the conversation's address.
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const place = new URL(location.href);
    place.hash = link.getAttribute('href');
    location.assign(place);
  });
  document.addEventListener('change', (event) => {
    const keep = event.target.closest('#log .keep');
    const thumb = keep?.querySelector('[aria-pressed="true"]');
    if (thumb && event.target.matches('.why input')) say(keep, thumb.dataset.thumb, event.target.value);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing || !event.target.matches('#log .why input')) return;
    event.target.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without TLS another machine's browser has no clipboard but this.
    const area = Object.assign(document.createElement('textarea'), { value: text });
    area.style.position = 'fixed';
    document.body.append(area);
    const before = document.activeElement;
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    before?.focus();
    return done;
  }
}
