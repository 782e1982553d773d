/** Options that differ per tenant if they are callbacks. */
const PER_TENANT = ['accountSid', 'authToken', 'apiKey', 'apiSecret', 'serviceSid'] as const;

/**
 * Limits and verifications belong to a user ID alone. Tenants often number their users independently, so `user.id` would
 * let a user of one tenant lock out a user of another.
 *
 * @throws TypeError if credentials or service depend on the request, and `userId` is missing
 */
export function requireUserIdOfAllTenants(
  options: {
    readonly [K in (typeof PER_TENANT)[number] | 'userId']?: unknown;
  },
): void {
  const perTenant = PER_TENANT.find((name) => typeof options[name] === 'function');
  if (perTenant === undefined || options.userId !== undefined) return;
  throw new TypeError(
    `TwilioVerifyStrategy: option "userId" is required, because "${perTenant}" is a callback: user IDs must be unique ` +
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the line of code to add
      'over all tenants. Add userId: ({ user }) => `${user.tenantId}:${user.id}`',
  );
}
