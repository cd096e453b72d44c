/** How an answer was found. */
export type AnsweredBy = 'model' | 'exact_match' | 'perceptual_match'

export type DisposalStep = { order: number; text: string }

export type NearbyBin = {
  id: string
  name: string
  kind: string
  /** Straight-line distance in metres. */
  distance_m: number
  lat: number
  lng: number
  address: string | null
  /** True for a point of the local platform that stands in for a real one. */
  sample: boolean
}

/** The answer to a photo, as the API shows it. */
export type AnalysisResult = {
  job_id: string
  /** Word for the kind of material: `plastic`, `paper`, … */
  waste_type: string
  /** Code of the sorting rule, `PET_CLEAR` for one; `NOT_WASTE` when nothing in the photo is. */
  category: string
  /** The category that its condition sends it to: dirty vinyl to `GENERAL`. */
  moved_to: string | null
  recyclable: boolean
  /** From 0 to 1. */
  confidence: number
  item_name: string
  feedback: string
  disposal_steps: DisposalStep[]
  nearby_bins: NearbyBin[]
  answered_by: AnsweredBy
  /** Name of the model that identified the item; the local platform's says that it is simulated. */
  model: string
  /** RFC 3339, UTC. */
  analyzed_at: string
}
