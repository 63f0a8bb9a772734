/* Keys of the board; `?` lists them (layouts/help_panel.py). Arrows move inside the chain: the grid's own. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const OFF = 'chainboard-keys-off'; // single keys can be switched off (WCAG 2.1.4); `?` stays, to switch them on again
    const within = (element, selector) => element.closest && element.closest(selector);
    const typing = (element) => within(element, 'input, textarea, [contenteditable]');
    const inList = (element) => within(element, 'select, .dash-dropdown-search, .dash-dropdown-content');

    function step(by) {
        const buttons = [...document.querySelectorAll('#expiries button')];
        const chosen = buttons.findIndex((button) => button.classList.contains('chosen'));
        const next = buttons[chosen + by];
        if (chosen >= 0 && next) next.click();
    }
    const isOff = () => Boolean(window.localStorage.getItem(OFF));
    const showSwitch = () => document.getElementById('keys-switch').setAttribute('aria-checked', String(!isOff()));
    function openHelp() {
        showSwitch();
        document.getElementById('help').showModal();
    }
    function switchKeys() {
        if (isOff()) window.localStorage.removeItem(OFF);
        else window.localStorage.setItem(OFF, 'yes');
        showSwitch();
    }

    /* No name of an underlying holds one of these three, so they work inside an open list too. */
    const ANYWHERE = {
        '/': () => document.getElementById('stock').click(),
        '[': () => step(-1),
        ']': () => step(1),
    };
    const KEYS = {
        ...ANYWHERE,
        a: () => board.backToMoney(),
        c: () => board.copyTable(),
        u: () => board.switchUnit(),
        '?': openHelp,
    };

    /* An open list closes first: when it goes it takes the focus back, and would close a list opened meanwhile. */
    function withoutList(element, act, tries = 30) {
        if (!document.querySelector('.dash-dropdown-search')) return void setTimeout(act);
        if (tries === 30) element.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}));
        if (tries) requestAnimationFrame(() => withoutList(element, act, tries - 1));
    }
    function onKey(event) {
        if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
        const {target} = event;
        const act = (inList(target) ? ANYWHERE : typing(target) ? {} : KEYS)[event.key];
        if (!act || (isOff() && event.key !== '?')) return;
        // Before the list that has the focus: it would take the key for the beginning of a name.
        event.preventDefault();
        event.stopImmediatePropagation();
        taken = event.key;
        withoutList(target, act);
    }
    /* A dropdown opens when a key is let go, too. */
    let taken = null;
    function onRelease(event) {
        if (event.key !== taken) return;
        taken = null;
        event.stopImmediatePropagation();
    }
    window.addEventListener('keydown', onKey, true);
    window.addEventListener('keyup', onRelease, true);

    document.addEventListener('click', ({target}) => {
        if (target.nodeName === 'DIALOG') target.close(); // beside the panel
        const button = target.closest('button');
        if (!button) return;
        if (button.id === 'help-open') openHelp();
        if (button.id === 'keys-switch') switchKeys();
        if (button.dataset.close) button.closest('dialog').close();
    });
})();
