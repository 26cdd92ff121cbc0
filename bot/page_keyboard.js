// Run once, when the page has loaded: what Gradio leaves out for those who use the keyboard or a screen reader.
() => {
  const views = document.querySelector('#views');
  const list = views.querySelector('[role="tablist"]');
  const question = document.querySelector('#question textarea');
  const usable = (one) => one?.isConnected && one.checkVisibility({ visibilityProperty: true }) && !one.disabled;
  const tabs = () => [...list.querySelectorAll('[role="tab"]')];
  const shown = () => [...views.children].find((one) => one.matches('[role="tabpanel"]') && usable(one));

  // One stop for all tabs, arrow keys between them, and a view that bears the name of its tab.
  const name = () => {
    for (const tab of tabs()) {
      tab.tabIndex = tab.getAttribute('aria-selected') === 'true' ? 0 : -1;
      if (tab.id) document.getElementById(tab.getAttribute('aria-controls'))?.setAttribute('aria-labelledby', tab.id);
    }
  };
  list.setAttribute('aria-label', 'Views');
  const changes = new MutationObserver(name);
  changes.observe(list, { subtree: true, childList: true, attributeFilter: ['aria-selected'] });
  changes.observe(views, { childList: true });
  name();
  list.addEventListener('keydown', (event) => {
    const all = tabs().filter(usable);
    const here = all.indexOf(event.target);
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: all.length - 1 }[event.key];
    if (here < 0 || to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const next = all.at(to % all.length);
    next.tabIndex = 0;
    next.focus();
    next.click();
  });

  // What has the focus may be drawn anew, switched off or taken away. Then its successor takes the focus, so that the
  // next Tab does not begin at the top again; but not after a touch, where the focus would bring up a keyboard.
  let last = null;
  let place = null;
  let touched = false;
  let waiting = 0;
  document.addEventListener('keydown', () => { touched = false; }, true);
  document.addEventListener('pointerdown', (event) => { last = null; touched = event.pointerType === 'touch'; }, true);
  document.addEventListener('focusin', (event) => {
    last = touched ? null : event.target;
    place = last?.closest('.block[id]');
  });
  const twin = () => {
    const { event, exchange, number } = last.dataset;
    const same = (one) => one.dataset.exchange === exchange && one.dataset.number === number;
    return event && [...document.querySelectorAll(`[data-event="${event}"]`)].find((one) => same(one) && usable(one));
  };
  const firstIn = (part) => part && [...part.querySelectorAll('a[href], button, summary, input, textarea')].find(usable);
  const inSight = (one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    return one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  };
  const successor = () => [last, last.id && document.getElementById(last.id), twin(), usable(place) && firstIn(place)]
    .find((one) => usable(one) && inSight(one)) || (usable(question) ? question : firstIn(shown()));
  const keep = () => {
    waiting = 0;
    if (document.activeElement !== document.body || !last) return;
    if (last.isConnected && last.disabled) return; // until it is switched on again
    successor()?.focus({ preventScroll: true });
  };
  const watched = { subtree: true, childList: true, attributeFilter: ['disabled', 'style', 'class'] };
  new MutationObserver(() => { waiting ||= setTimeout(keep, 50); }).observe(document.body, watched);
}
