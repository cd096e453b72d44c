const statusByCode = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  AuthorizationQueryParametersError: 400,
  BadDigest: 400,
  BucketAlreadyOwnedByYou: 409,
  EntityTooLarge: 400,
  IllegalLocationConstraintException: 400,
  IncompleteBody: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidDigest: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidToken: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MalformedTrailerError: 400,
  MalformedXML: 400,
  MetadataTooLarge: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NotImplemented: 501,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
  XAmzContentSHA256Mismatch: 400,
} as const

export type S3ErrorCode = keyof typeof statusByCode

export type S3ErrorDetails = {
  /** Further elements of the XML document, such as `Region`. */
  fields?: Record<string, string>
  headers?: Record<string, string>
  /** Overrides the status of the code; used by injected faults only. */
  status?: number
}

/** An error that S3 answers with an XML document. */
export class S3Error extends Error {
  readonly code: S3ErrorCode
  readonly status: number
  readonly fields: Record<string, string>
  readonly headers: Record<string, string>

  constructor(code: S3ErrorCode, message: string, { fields = {}, headers = {}, status }: S3ErrorDetails = {}) {
    super(message)
    this.name = 'S3Error'
    this.code = code
    this.status = status ?? statusByCode[code]
    this.fields = fields
    this.headers = headers
  }
}
