/**
 * A reporter for Node's test runner: one line of JSON per test. Node loads reporters before tsx, so this can't be
 * TypeScript.
 */
module.exports = async function* testEvents(events) {
  for await (const { type, data } of events) {
    // The reason why a file doesn't load.
    if (type === 'test:stderr') process.stderr.write(data.message);
    const isResult = type === 'test:pass' || type === 'test:fail';
    const isSuite = data?.details?.type === 'suite';
    if (!isResult || isSuite || data.skip !== undefined) continue;
    const { cause, failureType } = data.details.error ?? {};
    yield `${JSON.stringify({
      name: data.name,
      isPassed: type === 'test:pass',
      isAssertion: cause?.code === 'ERR_ASSERTION',
      isTimeout: failureType === 'testTimeoutFailure',
      message: String(cause?.message ?? cause ?? ''),
    })}\n`;
  }
};
