// Runs before the first paint, so that a chosen theme never flashes. A file, because the CSP forbids inline scripts.
try {
  var choice = JSON.parse(localStorage.getItem('throughline.preferences') || '{}').theme;
  if (choice === 'light' || choice === 'dark') document.documentElement.dataset.theme = choice;
} catch {
  // Storage may be forbidden; the system's theme then applies.
}
