// A chart as SVG: panels below each other over one axis of time. The same data give the same bytes.

export interface Line {
  /** At its right end. */
  readonly label?: string | undefined;
  readonly style: 'first' | 'second' | 'third' | 'muted';
  /** Evenly over the time of the chart; `undefined` where there is no value. */
  readonly points: readonly (number | undefined)[];
}

export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
  /** @default 'linear' */
  readonly scale?: 'linear' | 'log';
}

export interface Chart {
  readonly title: string;
  readonly fromSecond: number;
  readonly toSecond: number;
  readonly panels: readonly Panel[];
}

const WIDTH = 720;
const LEFT = 64;
const RIGHT = 128;
const PLOT = WIDTH - LEFT - RIGHT;
const TOP = 38;
const PANEL = 96;
const GAP = 36;
const BOTTOM = 28;
/** Between the baselines of two labels. */
const LABEL_APART = 13;

const STYLE = `text { font: 11px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 13px; font-weight: 600; }
.tick { fill: #59636e; }
.grid { stroke: #d1d9e0; }
.line { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
.first { stroke: #0969da; } .second { stroke: #cf222e; } .third { stroke: #1a7f37; }
.muted { stroke: #59636e; stroke-width: 1; stroke-dasharray: 4 3; }
.label { stroke: none; stroke-dasharray: none; }
.label.first { fill: #0969da; } .label.second { fill: #cf222e; } .label.third { fill: #1a7f37; } .label.muted { fill: #59636e; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.tick { fill: #9198a1; }
.grid { stroke: #3d444d; }
.first { stroke: #4493f8; } .second { stroke: #f85149; } .third { stroke: #3fb950; }
.muted { stroke: #9198a1; }
.label { stroke: none; }
.label.first { fill: #4493f8; } .label.second { fill: #f85149; } .label.third { fill: #3fb950; } .label.muted { fill: #9198a1; }
}`;

/** Draws a chart. */
export function chartSvg({ title, fromSecond, toSecond, panels }: Chart): string {
  const height = TOP + panels.length * (PANEL + GAP) - GAP + BOTTOM;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    text({ x: 8, y: 16, className: 'title' }, title),
    ...panels.flatMap((panel, index) => drawPanel(panel, TOP + 8 + index * (PANEL + GAP))),
    ...drawTime(fromSecond, toSecond, height - BOTTOM + 8),
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, lines, scale = 'linear' }: Panel, top: number): readonly string[] {
  const most = Math.max(1, ...lines.flatMap(({ points }) => points.map((value) => value ?? 0)));
  const ticks = scale === 'log' ? decades(most) : steps(most);
  const highest = ticks.at(-1) ?? most;
  const share = (value: number) => (scale === 'log' ? Math.log10(Math.max(1, value)) / Math.log10(highest) : value / highest);
  const y = (value: number) => top + PANEL * (1 - share(value));
  const labels = lines.flatMap(({ label, style, points }) => {
    const last = points.findLast((value) => value !== undefined);
    return label === undefined || last === undefined ? [] : [{ label, style, y: y(last) + 4 }];
  });
  return [
    text({ x: 8, y: top - 8 }, title),
    ...ticks.flatMap((tick) => [
      `<path class="grid" d="M${LEFT} ${round(y(tick))}h${PLOT}"/>`,
      text({ x: LEFT - 6, y: y(tick) + 4, className: 'tick', anchor: 'end' }, tickLabel(tick, scale)),
    ]),
    ...lines.map(({ style, points }) => `<path class="line ${style}" d="${path(points, y)}"/>`),
    ...apart(labels, top + PANEL + 4).map(({ label, style, y: at }) =>
      text({ x: LEFT + PLOT + 6, y: at, className: `label ${style}` }, label),
    ),
  ];
}

function path(points: readonly (number | undefined)[], y: (value: number) => number): string {
  const heights = points.map((value) => (value === undefined ? undefined : round(y(value))));
  return heights
    .map((height, index) => {
      const [before, after] = [heights[index - 1], heights[index + 1]];
      // Between two of the same height, a line goes through it anyway.
      if (height === undefined || (height === before && height === after)) return '';
      return `${before === undefined ? 'M' : 'L'}${round(LEFT + (PLOT * index) / Math.max(1, points.length - 1))} ${height}`;
    })
    .join('');
}

function drawTime(fromSecond: number, toSecond: number, y: number): readonly string[] {
  const minutes = (toSecond - fromSecond) / 60;
  const step = [5, 10, 20, 30, 60].find((each) => minutes / each <= 9) ?? 120;
  const first = Math.ceil(fromSecond / 60 / step) * step;
  const ticks = Array.from({ length: Math.floor((toSecond / 60 - first) / step) + 1 }, (_, index) => first + index * step);
  return ticks.map((minute) => {
    const x = LEFT + (PLOT * (minute * 60 - fromSecond)) / (toSecond - fromSecond);
    return text({ x, y: y + 12, className: 'tick', anchor: 'middle' }, minute === 0 ? '0' : `${minute} min`);
  });
}

/** Moves labels that would cover each other: down, and at the bottom of the panel up. */
function apart<Label extends { readonly y: number }>(labels: readonly Label[], bottom: number): readonly Label[] {
  let free = Number.NEGATIVE_INFINITY;
  return labels
    .toSorted((one, other) => one.y - other.y)
    .map((label, index) => {
      const lowest = bottom - (labels.length - 1 - index) * LABEL_APART;
      const y = Math.min(Math.max(label.y, free), lowest);
      free = y + LABEL_APART;
      return { ...label, y };
    });
}

/** From 0 to no less than `most`, in three to five steps of 1, 2 or 5 times a power of ten. */
function steps(most: number): readonly number[] {
  const power = 10 ** Math.floor(Math.log10(most / 3));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => most / each <= 5) ?? most;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => round(index * step));
}

/** Powers of ten from 1 to no less than `most`; at most five of them. */
function decades(most: number): readonly number[] {
  const powers = Math.ceil(Math.log10(Math.max(10, most)));
  const step = Math.ceil(powers / 4);
  return Array.from({ length: Math.ceil(powers / step) + 1 }, (_, index) => 10 ** (index * step));
}

function tickLabel(value: number, scale: Panel['scale']): string {
  // A logarithmic axis has no 0: what is less than 1 is drawn there.
  if (scale === 'log' && value === 1) return '0 to 1';
  if (value >= 1_000_000) return `${value / 1_000_000} M`;
  return value.toLocaleString('en');
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly className?: string;
  readonly anchor?: 'middle' | 'end';
}

function text({ x, y, className, anchor }: Place, content: string): string {
  const attributes = `${className ? ` class="${className}"` : ''}${anchor ? ` text-anchor="${anchor}"` : ''}`;
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${escaped(content)}</text>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const escaped = (content: string): string => content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
