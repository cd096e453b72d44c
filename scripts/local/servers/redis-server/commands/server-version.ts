/** Tells whoever asks that this is not a Redis build; the number is the version whose behaviour it follows. */
export const SERVER_VERSION = '7.0.0-growbin-in-process'
