/** A script for a page: the elements that reach out of the window at either side, or cut off what is in them. */
export const OVERFLOWING = `[document.scrollingElement, ...document.querySelectorAll('body *')]
  .filter((element) => !element.closest('.visually-hidden, svg, option'))
  .filter((element) => {
    const { left, right } = element.getBoundingClientRect();
    const isCut = element.tagName !== 'INPUT' && element.tagName !== 'SELECT' && element.scrollWidth > element.clientWidth + 1;
    return left < -0.5 || right > innerWidth + 0.5 || (isCut && getComputedStyle(element).display !== 'inline');
  })
  .map((element) => element.outerHTML.slice(0, 100))`;
