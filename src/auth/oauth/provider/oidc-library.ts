import * as errors from 'oidc-provider/lib/helpers/errors.js';
import * as interactionPolicy from 'oidc-provider/lib/helpers/interaction_policy/index.js';
import { Provider } from 'oidc-provider/lib/provider.js';

/**
 * The library, without its entry: all that one does besides is to print that Node.js before 22 is not supported by it.
 * We run on 20.19 and test there (docs/operations.md); a line at every start would say so to people who cannot change it.
 * Its other warnings are said as ever.
 */
export { errors, interactionPolicy, Provider };
