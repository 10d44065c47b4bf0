// Drawings made of elements, like everything else on a page: attributes only, no markup in strings.

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element. */
export function s(
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly SVGElement[]
): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}
