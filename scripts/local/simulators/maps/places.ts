/** A known place. `address` is by lot, `road` by street. */
export type Place = {
  lat: number
  lng: number
  region: readonly [string, string, string]
  lot: string
  road: { name: string; number: string; zone: string } | null
}

/** Public places in Korea, with coordinates to about 100 m: enough to tell whether x and y were swapped. */
export const places: readonly Place[] = [
  {
    lat: 37.5663,
    lng: 126.9779,
    region: ['서울', '중구', '태평로1가'],
    lot: '31',
    road: { name: '세종대로', number: '110', zone: '04524' },
  },
  {
    lat: 37.4979,
    lng: 127.0276,
    region: ['서울', '강남구', '역삼동'],
    lot: '858',
    road: { name: '강남대로', number: '396', zone: '06232' },
  },
  {
    lat: 35.1798,
    lng: 129.075,
    region: ['부산', '연제구', '연산동'],
    lot: '1000',
    road: { name: '중앙대로', number: '1001', zone: '47545' },
  },
  {
    lat: 33.4996,
    lng: 126.5312,
    region: ['제주특별자치도', '제주시', '이도이동'],
    lot: '1176-1',
    road: { name: '광양9길', number: '10', zone: '63208' },
  },
  // Kakao has no street address for some places.
  { lat: 37.2411, lng: 131.8646, region: ['경북', '울릉군', '울릉읍 독도리'], lot: '산 1', road: null },
]

const reachKm = 5

export function findNearest(lat: number, lng: number): Place | undefined {
  const near = places
    .map((place) => ({ place, km: distanceKm(lat, lng, place) }))
    .filter(({ km }) => km <= reachKm)
    .sort((a, b) => a.km - b.km)
  return near[0]?.place
}

/** Places that contain every word of the query. */
export function searchPlaces(query: string): Place[] {
  const words = query.trim().split(/\s+/)
  return places.filter((place) => {
    const text = `${lotAddress(place)} ${roadAddress(place) ?? ''}`.split(/\s+/)
    return words.every((word) => text.some((part) => part === word || (word.length > 1 && part.startsWith(word))))
  })
}

export const lotAddress = ({ region, lot }: Place) => [...region, lot].join(' ')

export const roadAddress = ({ region, road }: Place) => road && [region[0], region[1], road.name, road.number].join(' ')

function distanceKm(lat: number, lng: number, place: Place): number {
  const north = (place.lat - lat) * 111.2
  const east = (place.lng - lng) * 111.2 * Math.cos((lat * Math.PI) / 180)
  return Math.hypot(north, east)
}
