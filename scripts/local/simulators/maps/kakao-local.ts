import { lotAddress, type Place, roadAddress } from './places.ts'

/** Kakao's names of the parts of an address. Coordinates are text, x is the longitude. */
export function addressOf(place: Place) {
  const [region_1depth_name, region_2depth_name, region_3depth_name] = place.region
  const [main_address_no = '', sub_address_no = ''] = place.lot.replace('산 ', '').split('-')
  return {
    address_name: lotAddress(place),
    region_1depth_name,
    region_2depth_name,
    region_3depth_name,
    mountain_yn: place.lot.startsWith('산') ? 'Y' : 'N',
    main_address_no,
    sub_address_no,
    zip_code: '',
  }
}

export function roadAddressOf(place: Place) {
  const { road } = place
  if (!road) return null
  const [main_building_no = '', sub_building_no = ''] = road.number.split('-')
  return {
    address_name: roadAddress(place),
    region_1depth_name: place.region[0],
    region_2depth_name: place.region[1],
    region_3depth_name: place.region[2],
    road_name: road.name,
    underground_yn: 'N',
    main_building_no,
    sub_building_no,
    building_name: '',
    zone_no: road.zone,
  }
}

export function foundAddress(place: Place) {
  const at = { x: String(place.lng), y: String(place.lat) }
  const road = roadAddressOf(place)
  return {
    address_name: lotAddress(place),
    address_type: 'REGION_ADDR',
    ...at,
    address: { ...addressOf(place), ...at, b_code: '', h_code: '' },
    road_address: road && { ...road, ...at },
  }
}
