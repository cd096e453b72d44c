/** What a picture shows. */
export type Sighting = {
  isWaste: boolean
  itemNameKo: string
  itemNameEn: string
  category: string
  /** 0..1 */
  confidence: number
  conditions: string[]
}
