import * as z from 'zod'

/** Photos that may be uploaded. */
export const imageContentTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/heic'] as const

export type ImageContentType = (typeof imageContentTypes)[number]

export const imageContentTypeSchema = z.enum(imageContentTypes)

export const imageBytesMax = 10_485_760
