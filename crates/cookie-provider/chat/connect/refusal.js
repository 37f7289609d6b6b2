// The service's refusal, as opposed to a failure of asking it.

/**
 * Whether the service knows of no such chat any more. ChatJS wraps what it was answered, sometimes twice.
 * @param {any} error whatever was thrown
 * @returns {boolean}
 */
export const isRefusal = (error) => (error?._debug ? isRefusal(error._debug) : error?.statusCode === 403);
