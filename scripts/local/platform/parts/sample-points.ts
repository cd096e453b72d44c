import pg from 'pg'

/** Inserts collection points that stand in for real ones on a laptop. */
export async function insertSamples(databaseUrl: string): Promise<void> {
  // Not a pool, whose end does not wait for its connections: the server may stop while one is still closing.
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'growbin-seed' })
  await client.connect()
  try {
    await insertSamplePoints(client)
  } finally {
    await client.end()
  }
}

const cityHall = { lat: 37.5663, lng: 126.9779 }

/** Around Seoul City Hall. Each name says that it is a sample. */
const samplePoints = [
  { kind: 'PET_MACHINE', name: '투명 페트병 회수기 (예시)', accepts: ['PET_CLEAR'], north: 0.0011, east: 0.0008 },
  {
    kind: 'RECYCLE_BIN',
    name: '분리수거함 (예시)',
    accepts: ['PAPER', 'PAPER_BOX', 'CAN', 'GLASS', 'PLASTIC', 'VINYL', 'EPS', 'PET_CLEAR'],
    north: -0.0015,
    east: 0.0012,
  },
  { kind: 'CLOTHES', name: '의류수거함 (예시)', accepts: ['CLOTHES'], north: 0.0022, east: -0.0017 },
  { kind: 'BATTERY', name: '폐건전지 수거함 (예시)', accepts: ['BATTERY'], north: -0.0008, east: -0.0021 },
  { kind: 'LAMP', name: '폐형광등 수거함 (예시)', accepts: ['LAMP'], north: 0.0031, east: 0.0019 },
  { kind: 'PAPER_PACK', name: '종이팩 수거함 (예시)', accepts: ['PAPER_PACK'], north: -0.0027, east: -0.0009 },
]

async function insertSamplePoints(client: pg.Client): Promise<void> {
  for (const [index, point] of samplePoints.entries()) {
    await client.query(
      `insert into locations.collection_points
         (collection_point_id, kind, name, address, latitude, longitude, accepts, source, sample)
       values ($1, $2, $3, '서울특별시 중구 세종대로 일대', $4, $5, $6, 'sample', true)
       on conflict (collection_point_id) do nothing`,
      [
        `00000000-0000-7000-8000-${String(index + 1).padStart(12, '0')}`,
        point.kind,
        point.name,
        cityHall.lat + point.north,
        cityHall.lng + point.east,
        point.accepts,
      ],
    )
  }
}
