'use strict';

const STATES = ['placed', 'reserved', 'paid', 'confirmed', 'rejected'];
const CARDS = 7;
const orders = new Map(); // by id: {id, customer, product, quantity, amount, status, reason, changedAt}
let shownTag = '';
let products = [];

const $ = id => document.getElementById(id);
const money = cents => (cents / 100).toFixed(2);

/** An element with attributes, and children that are elements or texts: what comes from elsewhere is never read as HTML. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

async function ask(method, path, body) {
  const answer = await fetch(path, {
    method, headers: body ? {'Content-Type': 'application/json'} : {}, body: body && JSON.stringify(body)});
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

function say(text, bad = false) {
  $('said').textContent = text;
  $('said').className = bad ? 'bad' : '';
}

/** Runs what a button does; a refusal is said, not thrown. */
async function attempt(work) {
  try {
    await work();
  } catch (e) {
    say(e.message, true);
  }
}

// ---- orders

function place(customer, product, quantity) {
  return ask('POST', '/api/orders', {id: crypto.randomUUID(), customer, product, quantity});
}

$('order').addEventListener('submit', event => {
  event.preventDefault();
  attempt(async () => {
    const receipt = await place($('customer').value, $('product').value, Number($('quantity').value));
    say('Order ' + receipt.id.slice(0, 8) + ' is placed.');
  });
});

$('many').addEventListener('click', () => attempt(async () => {
  const one = i => place($('customer').value, products[i % products.length].id, 1 + i % 3);
  const all = await Promise.allSettled(Array.from({length: 100}, (_, i) => one(i)));
  const placed = all.filter(each => each.status === 'fulfilled').length;
  say(placed + ' orders are placed.', placed < 100);
}));

function move(news) {
  const placed = news.placed || {};
  const old = orders.get(news.order) || {id: news.order, customer: '', product: '', quantity: '', reason: ''};
  orders.delete(news.order); // so that it comes last: the newest are at the end
  orders.set(news.order, {...old, ...placed, id: news.order, status: news.status, reason: news.reason, changedAt: news.at});
  if (orders.size > 400) orders.delete(orders.keys().next().value);
}

function card(order) {
  const what = order.product ? order.quantity + ' × ' + order.product : '';
  const about = order.status === 'rejected' && order.reason
    ? make('small', {class: 'why'}, order.reason)
    : make('small', {}, order.customer + (order.amount ? ' · ' + money(order.amount) : ''));
  return make('button', {class: 'card', 'data-order': order.id, title: order.id, onclick: () => attempt(() => history(order.id))},
    make('b', {}, what || order.id.slice(0, 8)), about);
}

function drawBoard(counts) {
  const newest = [...orders.values()].reverse();
  for (const state of STATES) {
    const column = document.querySelector('.column.' + state);
    column.querySelector('span').textContent = (counts[state] || 0).toLocaleString('en');
    const cards = column.querySelector('div');
    const wanted = newest.filter(order => order.status === state).slice(0, CARDS);
    const key = wanted.map(order => order.id + order.reason).join();
    if (cards.dataset.key !== key) {
      cards.dataset.key = key;
      const old = new Map([...cards.children].map(each => [each.dataset.order, each]));
      cards.replaceChildren(...wanted.map(order => old.get(order.id) || card(order)));
    }
  }
}

async function history(id) {
  const page = await ask('GET', '/api/orders/' + encodeURIComponent(id));
  const order = page.order;
  const start = order.placedAt;
  $('history').querySelector('h2').textContent = order.quantity + ' × ' + order.product + ' for ' + order.customer;
  $('history').querySelector('ol').replaceChildren(...page.history.map(step =>
    make('li', {}, step.what + '  ', make('small', {}, '+' + (step.at - start) + ' ms'))));
  $('history').showModal();
}

// ---- stock

function drawStock() {
  const rows = products.filter(each => !shownTag || each.tags.includes(shownTag)).map(each => make('tr', {'data-product': each.id},
    make('td', {}, each.name, ' ', make('br'), ...each.tags.map(tag =>
      make('button', {class: 'tag', onclick: () => { shownTag = shownTag === tag ? '' : tag; drawStock(); }}, tag))),
    make('td', {class: 'number'}, money(each.price)),
    make('td', {class: 'number stock'}, each.stock.toLocaleString('en')),
    make('td', {}, make('button', {class: 'quiet', title: '100 more', onclick: () => attempt(() =>
      ask('POST', '/api/products/' + each.id + '/stock', {id: crypto.randomUUID(), quantity: 100}))}, '+100'))));
  $('stock').tBodies[0].replaceChildren(...rows);
  $('tag').replaceChildren(...(shownTag
    ? [make('button', {class: 'tag', onclick: () => { shownTag = ''; drawStock(); }}, shownTag + ' ×')] : []));
}

function takeProducts(news) {
  const changed = JSON.stringify(news) !== JSON.stringify(products);
  const known = products.map(each => each.id).join();
  products = news;
  if (changed) drawStock();
  if (known !== news.map(each => each.id).join()) {
    const chosen = $('product').value;
    $('product').replaceChildren(...news.map(each => make('option', {value: each.id}, each.name)));
    if (chosen) $('product').value = chosen;
  }
}

// ---- dead letters, provider, views

let shownLetters = '';

function drawLetters(letters, count) {
  $('letters').hidden = $('retry-all').hidden = count === 0;
  $('no-letters').hidden = count > 0;
  const key = letters.map(each => each.id).join();
  if (key === shownLetters) return;
  shownLetters = key;
  $('letters').tBodies[0].replaceChildren(...letters.map(each => make('tr', {'data-letter': each.id},
    make('td', {}, each.stage), make('td', {}, each.type + ' in ' + each.stream.slice(0, 20)),
    make('td', {}, each.reason.replace(/^.*[.$](\w+): /, '$1: ')),
    make('td', {}, make('button', {class: 'quiet', onclick: () => attempt(() => resend(each.id))}, 'send again')))));
}

const resend = id => ask('POST', '/api/dead-letters/' + id + '/retry');

$('retry-all').addEventListener('click', () => attempt(async () => {
  const all = await ask('GET', '/api/dead-letters');
  await Promise.all(all.map(each => resend(each.id)));
}));

function setProvider() {
  return ask('PUT', '/api/provider', {millis: Number($('millis').value), outage: $('outage').checked, lost: 0.02});
}
$('millis').addEventListener('change', () => attempt(setProvider));
$('outage').addEventListener('change', () => attempt(setProvider));
$('rebuild').addEventListener('click', () => attempt(async () => {
  await ask('POST', '/api/views/rebuild');
  $('views').textContent = 'They are being made anew …';
}));

// ---- the pipeline

const SVG = 'http://www.w3.org/2000/svg';
const BOX = {width: 150, height: 84, gapX: 44, gapY: 16};
const WINDOW = 12; // messages: three seconds

function draw(parent, name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

/** Where each stage stands: as far to the right as the longest way to it, below those that stand there already. */
function layout(pipeline) {
  const place = new Map();
  const taken = [];
  for (const stage of pipeline.stages) { // behind those that hand items on to it
    const before = pipeline.links.filter(link => link.to === stage.name).map(link => place.get(link.from));
    const column = before.length ? Math.max(...before.map(each => each.column)) + 1 : 0;
    const row = Math.max(taken[column] || 0, before.length ? before[0].row : 0);
    taken[column] = row + 1;
    place.set(stage.name, {column, row});
  }
  return place;
}

const past = [];

/** How the workers of each stage spent the last seconds; the numbers that come are those of the whole run. */
function lately(pipeline) {
  if (past.length && past[past.length - 1].seconds > pipeline.seconds) past.length = 0; // another process
  past.push(pipeline);
  if (past.length > WINDOW) past.shift();
  const then = past[0];
  const seconds = pipeline.seconds - then.seconds;
  const share = (stage, old, name) =>
    seconds > 0 ? Math.min(1, Math.max(0, (stage[name] * pipeline.seconds - old[name] * then.seconds) / seconds)) : stage[name];
  return pipeline.stages.map((stage, i) => {
    const old = then.stages[i];
    return {...stage, busy: share(stage, old, 'busy'), blocked: share(stage, old, 'blocked'), starved: share(stage, old, 'starved')};
  });
}

function drawPipeline(pipeline) {
  const stages = lately(pipeline);
  const busiest = stages.reduce((a, b) => a.busy + a.blocked >= b.busy + b.blocked ? a : b);
  const place = layout(pipeline);
  const at = name => {
    const {column, row} = place.get(name);
    return {x: 4 + column * (BOX.width + BOX.gapX), y: 4 + row * (BOX.height + BOX.gapY)};
  };
  const columns = 1 + Math.max(...[...place.values()].map(each => each.column));
  const rows = 1 + Math.max(...[...place.values()].map(each => each.row));
  const picture = $('pipeline');
  picture.replaceChildren();
  picture.setAttribute('viewBox', `0 0 ${columns * (BOX.width + BOX.gapX) - BOX.gapX + 8} ${rows * (BOX.height + BOX.gapY) - BOX.gapY + 8}`);
  for (const link of pipeline.links) {
    const from = at(link.from), to = at(link.to), half = BOX.height / 2;
    const x1 = from.x + BOX.width, y1 = from.y + half, x2 = to.x, y2 = to.y + half;
    draw(picture, 'path', {d: `M${x1} ${y1} C${x1 + 26} ${y1} ${x2 - 26} ${y2} ${x2} ${y2}`});
    draw(picture, 'text', {x: x2 - 6, y: y2 - 6, 'text-anchor': 'end'}, short(link.items));
  }
  const slow = busiest.busy + busiest.blocked > 0.5 ? busiest.name : '';
  stages.forEach(stage => drawStage(picture, stage, at(stage.name), stage.name === slow));
  $('bottleneck').textContent = (slow ? 'Busiest now: ' + slow + '. ' : 'Nothing is busy now. ')
    + 'Bottleneck since the start: ' + (pipeline.bottleneck ? pipeline.bottleneck + ', ' + pipeline.reason : pipeline.reason) + '.';
}

function drawStage(picture, stage, {x, y}, slow) {
  draw(picture, 'rect', {class: slow ? 'box slow' : 'box', x, y, width: BOX.width, height: BOX.height, rx: 7});
  draw(picture, 'text', {class: 'name', x: x + 9, y: y + 18}, stage.name + (stage.workers > 1 ? ' × ' + stage.workers : ''));
  draw(picture, 'text', {x: x + 9, y: y + 34}, stage.millis.toFixed(1) + ' ms an item');
  const lost = [stage.retried && short(stage.retried) + ' retried', stage.deadLetters && short(stage.deadLetters) + ' dead'];
  draw(picture, 'text', {x: x + 9, y: y + 48}, lost.filter(Boolean).join(', ') || short(stage.completed) + ' done');
  const width = BOX.width - 18;
  let left = x + 9;
  for (const share of ['busy', 'blocked', 'starved']) {
    const part = width * stage[share];
    draw(picture, 'rect', {class: share, x: left, y: y + 56, width: part, height: 8});
    left += part;
  }
  if (stage.capacity > 0) {
    draw(picture, 'rect', {class: 'queue', x: x + 9, y: y + 70, width, height: 5, rx: 2});
    draw(picture, 'rect', {class: 'fill', x: x + 9, y: y + 70, width: width * stage.queued / stage.capacity, height: 5, rx: 2});
  }
}

const short = n => n < 10000 ? String(n) : n < 1e6 ? (n / 1000).toFixed(0) + 'k' : (n / 1e6).toFixed(1) + 'M';

// ---- news

function chip(id, text, bad) {
  $(id).textContent = text;
  $(id).className = bad ? 'bad' : '';
}

function take(news) {
  if (news.reload) attempt(load);
  if (arriving) arriving.push(...news.moves);
  news.moves.forEach(move);
  drawBoard(news.status.orders);
  takeProducts(news.products);
  drawLetters(news.letters, news.status.deadLetters);
  drawPipeline(news.pipeline);
  chip('outbox', news.status.outbox.toLocaleString('en'));
  chip('lag', news.status.lag.toLocaleString('en'));
  chip('letter-count', news.status.deadLetters, news.status.deadLetters > 0);
  if (document.activeElement !== $('millis')) $('millis').value = news.status.provider.millis;
  $('outage').checked = news.status.provider.outage;
  if (!news.status.rebuilding) $('views').textContent = 'The board and the stock are made of events.';
}

let arriving = null; // what moves while the orders are asked for
let again = false;

/** The newest orders as they are: what has moved while nobody listened, or more than is told. */
async function load() {
  if (arriving) {
    again = true;
    return;
  }
  arriving = [];
  try {
    const newest = await ask('GET', '/api/orders?limit=100');
    orders.clear();
    newest.reverse().sort((a, b) => a.changedAt - b.changedAt).forEach(order => orders.set(order.id, order));
    arriving.forEach(move);
  } finally {
    arriving = null;
  }
  if (again) {
    again = false;
    await load();
  }
}

function listen() {
  const source = new EventSource('/api/events');
  source.onopen = () => {
    chip('live', 'yes');
    attempt(load);
  };
  source.onmessage = event => take(JSON.parse(event.data));
  source.onerror = () => chip('live', 'no', true); // the browser tries again by itself
}

for (const state of STATES) {
  $('board').append(make('div', {class: 'column ' + state}, make('h3', {}, state, make('span', {}, '0')), make('div')));
}
listen();
