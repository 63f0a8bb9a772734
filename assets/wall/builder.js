/* The page that makes a wall's link. Writes nothing but the link. */
(() => {
    const TWO = 'oi,iv_smile';
    const value = (row, name) => {
        const place = row.querySelector(`[data-field="${name}"]`);
        return (place.matches('select') ? place : place.querySelector('input')).value.trim();
    };

    function spelled(row) {
        const [kind, when] = [value(row, 'kind'), value(row, 'when')];
        const name = value(row, 'underlying').toUpperCase().replace(':', '.') || 'NIFTY';
        if (!kind) return '';
        if (kind === 'board') return when === 'near' ? 'board' : `board:${when}`;
        if (kind === 'charts2') return `charts:${name}:${when}:${TWO}`;
        return `${kind}:${name}:${when}`;
    }

    function show() {
        const form = document.getElementById('builder-form');
        if (!form) return;
        for (const row of form.querySelectorAll('.scene-row')) {
            row.querySelector('[data-field="underlying"]').hidden = !['chain', 'charts', 'charts2'].includes(
                value(row, 'kind'),
            );
            row.querySelector('[data-field="when"]').hidden = !value(row, 'kind');
        }
        const scenes = [...form.querySelectorAll('.scene-row')].map(spelled).filter(Boolean);
        const parts = scenes.map(
            (scene) => `scene=${encodeURIComponent(scene).replaceAll('%3A', ':').replaceAll('%2C', ',')}`,
        );
        if (scenes.length > 1) parts.push(`dwell=${value(form, 'dwell') || 30}`);
        parts.push(`theme=${value(form, 'theme')}`);
        const link = `${window.location.origin}/wall?${parts.join('&')}`;
        const place = document.getElementById('builder-link');
        if (place.textContent !== link) place.textContent = link;
        document.getElementById('builder-open').setAttribute('href', link);
    }

    document.addEventListener('input', show);
    document.addEventListener('change', show);
    document.addEventListener('click', async (event) => {
        if (event.target.id !== 'builder-copy') return;
        const said = document.getElementById('builder-message');
        try {
            await navigator.clipboard.writeText(document.getElementById('builder-link').textContent);
            said.textContent = 'Copied.';
        } catch (refused) {
            getSelection().selectAllChildren(document.getElementById('builder-link'));
            said.textContent = 'Press Ctrl-C to copy.';
        }
    });
    setInterval(show, 1000);
})();
