import { sql } from 'drizzle-orm'
import type { WasteCategory } from '../../../_contracts/waste-category.v1.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import type { NearbyBin } from '../../analysis-result.ts'

export type FindNearbyBins = (category: WasteCategory, place: { lat: number; lng: number }) => Promise<NearbyBin[]>

const binsMax = 3
const radiusM = 2_000
const metresPerDegree = 111_195
const earthRadiusM = 6_371_000

type Row = {
  id: string
  name: string
  kind: string
  address: string | null
  lat: number
  lng: number
  sample: boolean
  distance_m: number
}

/** The nearest collection points that take the category, by the view that the locations domain publishes. */
export function createNearbyBinsFinder(database: Database): FindNearbyBins {
  return async (category, { lat, lng }) => {
    const latDegrees = radiusM / metresPerDegree
    const lngDegrees = latDegrees / Math.cos((lat * Math.PI) / 180)
    const { rows } = await database.run((db) =>
      db.execute<Row>(sql`
        select * from (
          select collection_point_id as id, name, kind, address, latitude as lat, longitude as lng, sample,
            2 * ${earthRadiusM}::float8 * asin(sqrt(
              sin(radians(latitude - ${lat}::float8) / 2) ^ 2
              + cos(radians(${lat}::float8)) * cos(radians(latitude)) * sin(radians(longitude - ${lng}::float8) / 2) ^ 2
            )) as distance_m
          from locations.collection_points_v1
          where latitude between ${lat - latDegrees} and ${lat + latDegrees}
            and longitude between ${lng - lngDegrees} and ${lng + lngDegrees}
            and ${category} = any(accepts)
        ) as near
        where distance_m <= ${radiusM}
        order by distance_m, id
        limit ${binsMax}`),
    )
    return rows.map((row) => ({ ...row, distance_m: Math.round(row.distance_m) }))
  }
}
