/** One operation of Twilio's description of Verify v2 or Lookup v2. */
export interface TwilioOperation {
  /** Twilio's name for the operation, such as `CreateVerification`. */
  readonly operationId: string;
  readonly method: string;
  /** The path with its variables in braces, such as `/v2/Services/{Sid}`. */
  readonly path: string;
}

/** Every operation of Twilio's description. A test writes this list and compares it with the description. */
export const TWILIO_OPERATIONS: readonly TwilioOperation[] = `
ListVerificationAttempt GET /v2/Attempts
FetchVerificationAttemptsSummary GET /v2/Attempts/Summary
FetchVerificationAttempt GET /v2/Attempts/{Sid}
FetchForm GET /v2/Forms/{FormType}
FetchPhoneNumber GET /v2/PhoneNumbers/{PhoneNumber}
CreateLookupPhoneNumberOverrides POST /v2/PhoneNumbers/{PhoneNumber}/Overrides/{Field}
DeleteLookupPhoneNumberOverrides DELETE /v2/PhoneNumbers/{PhoneNumber}/Overrides/{Field}
FetchLookupPhoneNumberOverrides GET /v2/PhoneNumbers/{PhoneNumber}/Overrides/{Field}
UpdateLookupPhoneNumberOverrides PUT /v2/PhoneNumbers/{PhoneNumber}/Overrides/{Field}
FetchLookupAccountRateLimits GET /v2/RateLimits
DeleteLookupRateLimit DELETE /v2/RateLimits/Fields/{Field}/Bucket/{Bucket}
FetchLookupRateLimit GET /v2/RateLimits/Fields/{Field}/Bucket/{Bucket}
UpdateLookupRateLimit PUT /v2/RateLimits/Fields/{Field}/Bucket/{Bucket}
CreateSafelist POST /v2/SafeList/Numbers
DeleteSafelist DELETE /v2/SafeList/Numbers/{PhoneNumber}
FetchSafelist GET /v2/SafeList/Numbers/{PhoneNumber}
CreateService POST /v2/Services
ListService GET /v2/Services
CreateAccessToken POST /v2/Services/{ServiceSid}/AccessTokens
FetchAccessToken GET /v2/Services/{ServiceSid}/AccessTokens/{Sid}
CreateEntity POST /v2/Services/{ServiceSid}/Entities
ListEntity GET /v2/Services/{ServiceSid}/Entities
DeleteEntity DELETE /v2/Services/{ServiceSid}/Entities/{Identity}
FetchEntity GET /v2/Services/{ServiceSid}/Entities/{Identity}
CreateChallenge POST /v2/Services/{ServiceSid}/Entities/{Identity}/Challenges
ListChallenge GET /v2/Services/{ServiceSid}/Entities/{Identity}/Challenges
CreateNotification POST /v2/Services/{ServiceSid}/Entities/{Identity}/Challenges/{ChallengeSid}/Notifications
FetchChallenge GET /v2/Services/{ServiceSid}/Entities/{Identity}/Challenges/{Sid}
UpdateChallenge POST /v2/Services/{ServiceSid}/Entities/{Identity}/Challenges/{Sid}
CreateNewFactor POST /v2/Services/{ServiceSid}/Entities/{Identity}/Factors
ListFactor GET /v2/Services/{ServiceSid}/Entities/{Identity}/Factors
DeleteFactor DELETE /v2/Services/{ServiceSid}/Entities/{Identity}/Factors/{Sid}
FetchFactor GET /v2/Services/{ServiceSid}/Entities/{Identity}/Factors/{Sid}
UpdateFactor POST /v2/Services/{ServiceSid}/Entities/{Identity}/Factors/{Sid}
CreateMessagingConfiguration POST /v2/Services/{ServiceSid}/MessagingConfigurations
ListMessagingConfiguration GET /v2/Services/{ServiceSid}/MessagingConfigurations
DeleteMessagingConfiguration DELETE /v2/Services/{ServiceSid}/MessagingConfigurations/{Country}
FetchMessagingConfiguration GET /v2/Services/{ServiceSid}/MessagingConfigurations/{Country}
UpdateMessagingConfiguration POST /v2/Services/{ServiceSid}/MessagingConfigurations/{Country}
UpdateChallengePasskeys POST /v2/Services/{ServiceSid}/Passkeys/ApproveChallenge
CreateChallengePasskeys POST /v2/Services/{ServiceSid}/Passkeys/Challenges
CreateNewFactorPasskey POST /v2/Services/{ServiceSid}/Passkeys/Factors
UpdatePasskeysFactor POST /v2/Services/{ServiceSid}/Passkeys/VerifyFactor
CreateRateLimit POST /v2/Services/{ServiceSid}/RateLimits
ListRateLimit GET /v2/Services/{ServiceSid}/RateLimits
CreateBucket POST /v2/Services/{ServiceSid}/RateLimits/{RateLimitSid}/Buckets
ListBucket GET /v2/Services/{ServiceSid}/RateLimits/{RateLimitSid}/Buckets
DeleteBucket DELETE /v2/Services/{ServiceSid}/RateLimits/{RateLimitSid}/Buckets/{Sid}
FetchBucket GET /v2/Services/{ServiceSid}/RateLimits/{RateLimitSid}/Buckets/{Sid}
UpdateBucket POST /v2/Services/{ServiceSid}/RateLimits/{RateLimitSid}/Buckets/{Sid}
DeleteRateLimit DELETE /v2/Services/{ServiceSid}/RateLimits/{Sid}
FetchRateLimit GET /v2/Services/{ServiceSid}/RateLimits/{Sid}
UpdateRateLimit POST /v2/Services/{ServiceSid}/RateLimits/{Sid}
CreateVerificationCheck POST /v2/Services/{ServiceSid}/VerificationCheck
CreateVerification POST /v2/Services/{ServiceSid}/Verifications
FetchVerification GET /v2/Services/{ServiceSid}/Verifications/{Sid}
UpdateVerification POST /v2/Services/{ServiceSid}/Verifications/{Sid}
CreateWebhook POST /v2/Services/{ServiceSid}/Webhooks
ListWebhook GET /v2/Services/{ServiceSid}/Webhooks
DeleteWebhook DELETE /v2/Services/{ServiceSid}/Webhooks/{Sid}
FetchWebhook GET /v2/Services/{ServiceSid}/Webhooks/{Sid}
UpdateWebhook POST /v2/Services/{ServiceSid}/Webhooks/{Sid}
DeleteService DELETE /v2/Services/{Sid}
FetchService GET /v2/Services/{Sid}
UpdateService POST /v2/Services/{Sid}
ListVerificationTemplate GET /v2/Templates
CreateBulkLookup POST /v2/batch/query
`
  .trim()
  .split('\n')
  .map((line) => {
    const [operationId = '', method = '', path = ''] = line.split(' ');
    return { operationId, method, path };
  });
