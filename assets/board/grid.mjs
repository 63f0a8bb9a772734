/* The chain's table, AG Grid in dash-ag-grid. */
import {element} from '../page/dom.mjs';

export const GRID = 'chain-grid';
export const root = () => element(GRID);

/* Its API; null while it does not exist. */
export const grid = () => {
    try {
        const api = window.dash_ag_grid?.getApi(GRID);
        return api && !api.isDestroyed() ? api : null;
    } catch {
        return null; // the grid's script arrives after the page; the next frame finds it
    }
};

/* The grid's cells are React's, which would put them off to a later painting than the rest of the page. */
export const painted = (change) => window.ReactDOM.flushSync(change);
