import { TwilioVerifyError } from './common/errors.js';
import type { ShippedFiles } from './common/shipped-files.js';

let files: ShippedFiles | undefined;

/**
 * Returns the files that the package ships. They load with the first page, not with the app.
 *
 * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_FILE` if they were not deployed
 */
export function packageFiles(): ShippedFiles {
  try {
    files ??= require('./shipped-files.js') as typeof import('./shipped-files.js');
    return files;
  } catch (cause) {
    throw new TwilioVerifyError(
      'ERR_TWILIO_VERIFY_FILE',
      'dist/shipped-files.js of passport-twilio-verify is missing, so there are no templates and texts. Deploy the whole ' +
        'package, or bundle it: a bundler or tracer includes this file by itself.',
      500,
      { cause },
    );
  }
}
