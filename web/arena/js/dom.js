// Small builders for DOM nodes; text from the server only ever becomes a text node.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Builds an element. `properties` holds attributes (`null`, `undefined` and `false` are left out,
 * `true` is an empty attribute), `class`, and listeners as `onclick`, `onsubmit` and so on.
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  apply(node, properties);
  append(node, children);
  return node;
}

/** The same for SVG, which has a namespace of its own. */
export function drawing(tag, properties = {}, ...children) {
  const node = document.createElementNS(SVG_NAMESPACE, tag);
  apply(node, properties);
  append(node, children);
  return node;
}

/** Replaces what `parent` holds. */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/** Sets the text only when it differs, so that screen readers and selections are left in peace. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Shows or hides; hidden things leave the accessibility tree as well. */
export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

/** Sets an attribute only when it differs. */
export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** Sets a CSS custom property through the object model, which a strict style policy allows. */
export function setVariable(node, name, value) {
  if (node.style.getPropertyValue(name) !== String(value)) node.style.setProperty(name, value);
}

function apply(node, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
}

function append(node, children) {
  for (const child of children.flat(2)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child);
  }
}
