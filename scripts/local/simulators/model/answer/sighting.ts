/** What is seen on a picture. */
export type Sighting = {
  isWaste: boolean
  itemNameKo: string
  itemNameEn: string
  category: string
  /** 0..1 */
  confidence: number
  conditions: string[]
}
