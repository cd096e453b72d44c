export type Locale = 'ko' | 'en'

/** The supported language of the highest weight in an `Accept-Language` header (RFC 9110, 12.5.4); Korean when it has none. */
export function parseLocale(acceptLanguage: string | undefined): Locale {
  if (!acceptLanguage) return 'ko'
  let best: Locale = 'ko'
  let bestWeight = 0
  for (const part of acceptLanguage.split(',')) {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
    const weightText = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('q='))
    const weight = weightText === undefined ? 1 : Number(weightText.slice(2))
    const language = tag.split('-', 1)[0]
    if ((language === 'ko' || language === 'en') && weight > bestWeight) {
      best = language
      bestWeight = weight
    }
  }
  return best
}
