import * as z from 'zod'
import { wasteCategories } from '../_contracts/waste-category.v1.ts'
import type { AnalysisResult } from './analysis-result.ts'

const disposalStepSchema = z
  .strictObject({
    order: z.int().min(1).describe('Place of the step, from 1.'),
    text: z.string().min(1).describe('What to do, in the language of the job.'),
  })
  .meta({ id: 'DisposalStep', description: 'One step on the way to the bin.' })

const nearbyBinSchema = z
  .strictObject({
    id: z.string().describe('Id of the collection point.'),
    name: z.string().describe('Name of the place.'),
    kind: z.string().describe('Kind of collection point.'),
    distance_m: z.number().min(0).describe('Straight-line distance in metres.'),
    lat: z.number().min(-90).max(90).describe('Latitude in degrees (WGS 84).'),
    lng: z.number().min(-180).max(180).describe('Longitude in degrees (WGS 84).'),
    address: z.string().nullable().describe('Street address, when it is known.'),
    sample: z.boolean().describe('True for a point of the local platform that stands in for a real one.'),
  })
  .meta({ id: 'NearbyBin', description: 'A place that takes the item.' })

/** The answer to a photo. */
export const analysisResultSchema = z
  .strictObject({
    job_id: z.uuid().describe('Id of the job.'),
    waste_type: z.string().describe('Word for the kind of material, such as `plastic`; `none` when nothing is waste.'),
    category: z
      .enum([...wasteCategories, 'NOT_WASTE'])
      .describe('Code of the sorting rule; `NOT_WASTE` when nothing in the photo is to be thrown away.'),
    moved_to: z
      .enum(wasteCategories)
      .nullable()
      .describe('The category that the condition of the item sends it to, such as dirty film to `GENERAL`.'),
    recyclable: z.boolean().describe('Whether it can be recycled in the condition seen.'),
    confidence: z.number().min(0).max(1).describe('How sure the model is, from 0 to 1.'),
    item_name: z.string().min(1).describe('What the item is, in the language of the job.'),
    feedback: z.string().min(1).describe('What to do with it, in two to four sentences in the language of the job.'),
    disposal_steps: z.array(disposalStepSchema).describe('The steps in their order.'),
    nearby_bins: z.array(nearbyBinSchema).describe('Nearest first; empty when the request had no location.'),
    answered_by: z
      .enum(['model', 'exact_match', 'perceptual_match'])
      .describe(
        'Who answered: the model; the model, earlier and for anybody, about the same bytes; or the model, earlier, about photos that ' +
          'look the same, of this person or told alike to two others.',
      ),
    model: z.string().describe('Name of the model; that of the local platform says that it is simulated.'),
    analyzed_at: z.iso.datetime().describe('When the answer was found, RFC 3339 in UTC.'),
  })
  .meta({ id: 'AnalysisResult', description: 'The answer to one photo.' }) satisfies z.ZodType<AnalysisResult>

export const analysisResultExample = {
  job_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d',
  waste_type: 'plastic',
  category: 'PET_CLEAR',
  moved_to: null,
  recyclable: true,
  confidence: 0.94,
  item_name: 'clear PET bottle',
  feedback:
    '“clear PET bottle” is sorted as “clear PET bottles”. Put it into the box for clear PET bottles. Local rules may differ.',
  disposal_steps: [
    { order: 1, text: 'Empty the bottle and rinse it.' },
    { order: 2, text: 'Peel off the label.' },
    { order: 3, text: 'Press it flat and close the cap.' },
  ],
  nearby_bins: [
    {
      id: 'seoul-mapo-014',
      name: 'Mangwon-dong recycling station',
      kind: 'clear_pet',
      distance_m: 180,
      lat: 37.5561,
      lng: 126.9019,
      address: '서울특별시 마포구 망원로 25',
      sample: false,
    },
  ],
  answered_by: 'model',
  model: 'gpt-6-luna',
  analyzed_at: '2026-03-02T05:04:10.412Z',
} as const satisfies z.input<typeof analysisResultSchema>
