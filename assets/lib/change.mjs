/* A frame brought up to a newer version by what has changed in it (dashboard/data/reader/views.py). */

/* The frame after the change; the one before stays as it was, and both share what did not change. Null where the change is of
   another series, view or version than this frame. */
export function changed(frame, {key, view, base, version, set, gone, cells}) {
    if (frame?.key !== key || frame.view !== view || frame.version !== base) return null;
    const next = {...frame, version};
    const copied = new Map([['', next]]);
    /* The container of a path, copied once. */
    const holder = (names) => {
        const path = names.join('.');
        if (!copied.has(path)) {
            const parent = holder(names.slice(0, -1));
            const name = names[names.length - 1];
            parent[name] = {...parent[name]};
            copied.set(path, parent[name]);
        }
        return copied.get(path);
    };
    const place = (path) => {
        const names = path.split('.');
        const name = names.pop();
        return [holder(names), name];
    };
    for (const path of gone) {
        const [parent, name] = place(path);
        delete parent[name];
    }
    for (const path in set) {
        const [parent, name] = place(path);
        parent[name] = set[path];
    }
    for (const path in cells) {
        const [parent, name] = place(path);
        const column = parent[name].slice();
        const [indices, values] = cells[path];
        indices.forEach((index, at) => {
            column[index] = values[at];
        });
        parent[name] = column;
    }
    return next;
}
