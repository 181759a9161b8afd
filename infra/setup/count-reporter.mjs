import { writeFileSync } from 'node:fs';

/** A vitest reporter: writes how many tests passed, failed and were skipped, and why, to ASSAYER_TEST_COUNTS. */
export default class CountReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly import('vitest').SerializedError[]} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    const path = process.env['ASSAYER_TEST_COUNTS'];
    if (path === undefined) return;
    /** @type {import('./test-run.mjs').Counts} */
    const counts = { passed: 0, failed: 0, skipped: [], errors: unhandled.length };
    for (const module of modules) {
      counts.errors += module.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') counts.passed += 1;
        else if (result.state === 'failed') counts.failed += 1;
        else {
          const why = ('note' in result && result.note) || 'its describe or test name says why';
          counts.skipped.push({ name: `${module.relativeModuleId} > ${test.fullName}`, why });
        }
      }
    }
    writeFileSync(path, JSON.stringify(counts));
  }
}
