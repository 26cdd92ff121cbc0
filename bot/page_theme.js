// Run in the page's head, before anything is painted: light or dark as the settings of this browser say, else as the
// system is. Gradio goes by the system alone and says so by a class of the body, which is put right at once.
(() => {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => {
    try { return JSON.parse(localStorage.getItem('byline-settings') ?? '{}').theme; } catch { return ''; }
  };
  const apply = () => {
    const theme = chosen();
    const dark = theme === 'dark' || (theme !== 'light' && system.matches);
    for (const place of [document.documentElement, document.body]) {
      if (place && place.classList.contains('dark') !== dark) place.classList.toggle('dark', dark);
    }
  };
  const begin = new MutationObserver(() => {
    if (!document.body) return;
    begin.disconnect();
    new MutationObserver(apply).observe(document.body, { attributeFilter: ['class'] });
    apply();
  });
  begin.observe(document.documentElement, { childList: true });
  system.addEventListener('change', apply);
  addEventListener('byline-settings', apply);
  addEventListener('storage', apply);
  apply();

  // Tells the server which tabs are one reader's, for their turns at the model; gone when the browser is closed.
  if (!document.cookie.includes('byline-reader=')) {
    document.cookie = `byline-reader=${Math.random().toString(36).slice(2)}; path=/; SameSite=Strict`;
  }
})();
