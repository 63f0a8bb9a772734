/* Once, when the page stands and what can be chosen is known: the view of the link or of this browser. */
import {arrangeCharts} from './choices.mjs';
import {fit, prepareColumns} from './columns.mjs';
import {grid} from './grid.mjs';
import {openPanel} from './panel.mjs';
import {openWith} from './view.mjs';

export function openView(offered) {
    openWith(offered);
    arrangeCharts();
    openPanel();
    fit();
    const api = grid();
    if (api) prepareColumns(api);
    return window.dash_clientside.no_update;
}
