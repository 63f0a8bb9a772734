/* The board: registers what Dash and AG Grid call by name, starts what listens, and then Dash's renderer, which would not wait
   for modules. Nothing else of ours is on `window`. */
import {start as startCharts} from '../page/charts.mjs';
import {start as startSpoken} from '../page/spoken.mjs';
import {start as startStatic} from '../page/static.mjs';
import {gridFunctions} from './cells.mjs';
import {start as startChartTable} from './chart_table.mjs';
import {start as startChoices} from './choices.mjs';
import {start as startExpiries} from './expiries.mjs';
import {start as startExport} from './export.mjs';
import {chainHint} from './hints.mjs';
import {start as startKeys} from './keys.mjs';
import {applyAnswer, start as startLive} from './live.mjs';
import {start as startMenus} from './menus.mjs';
import {start as startNames} from './names.mjs';
import {openView} from './open.mjs';
import {start as startPanel} from './panel.mjs';
import {start as startPicture} from './picture.mjs';
import {start as startPopovers} from './popovers.mjs';
import {formIntent, showSelection, start as startSelection} from './selection.mjs';
import {start as startSight} from './sight.mjs';
import {start as startStatus} from './status.mjs';
import {start as startTimeBar} from './time_bar.mjs';

window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    chainboard: {applyAnswer, formIntent, openView, showSelection},
});
window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, gridFunctions, {chainHint});

const PARTS = [
    startStatic,
    startPopovers,
    startMenus,
    startKeys,
    startCharts,
    startSpoken,
    startNames,
    startChoices,
    startPanel,
    startPicture,
    startChartTable,
    startExport,
    startExpiries,
    startSelection,
    startSight,
    startStatus,
    startLive,
    startTimeBar,
];
for (const start of PARTS) start();
document.documentElement.dataset.started = 'yes'; // for start.js
new window.DashRenderer();
