import { type JobSnapshot, snapshotAt } from '../../../functions/waste/snapshot/job-snapshot.ts'

/** A finished analysis of ordinary size: four steps, three bins. */
export function createCompletedJob(jobId: string, ownerId: string, now: Date): JobSnapshot {
  return snapshotAt({ jobId, ownerId, state: 'completed' }, 'done', now, {
    result: {
      job_id: jobId,
      waste_type: 'plastic',
      category: 'PET_CLEAR',
      moved_to: null,
      recyclable: true,
      confidence: 0.94,
      item_name: '투명 페트병',
      feedback: '투명 페트병은 라벨을 떼고 깨끗이 헹군 뒤 전용 수거함에 넣어 주세요.',
      disposal_steps: [
        '내용물을 비우고 물로 헹궈요.',
        '라벨을 떼요.',
        '찌그러뜨려 뚜껑을 닫아요.',
        '전용 수거함에 넣어요.',
      ].map((text, index) => ({ order: index + 1, text })),
      nearby_bins: [120, 240, 410].map((distance, index) => ({
        id: `00000000-0000-7000-8000-${String(index + 1).padStart(12, '0')}`,
        name: '투명 페트병 수거함',
        kind: 'PET_MACHINE',
        distance_m: distance,
        lat: 37.5663 + index / 1000,
        lng: 126.9779,
        address: '서울특별시 중구 세종대로 110',
        sample: true,
      })),
      answered_by: 'model',
      model: 'simulated',
      analyzed_at: now.toISOString(),
    },
  })
}
