/* A page whose modules did not all arrive, because the server was replaced meanwhile, is loaded anew, as soon as there is one to
   load. A classic script: it has to run when no module does. */
addEventListener('load', () => {
    if (document.documentElement.dataset.started) return;
    const again = () => fetch(location.href, {cache: 'no-store'}).then(({ok}) => ok && location.reload());
    setInterval(() => again().catch(() => {}), 2000);
});
