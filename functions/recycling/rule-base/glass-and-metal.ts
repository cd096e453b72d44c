import type { RuleInput } from './rule.ts'
import { nationalGuideline } from './sources.ts'

export const glassAndMetalRules: RuleInput[] = [
  {
    code: 'GLASS',
    title: { ko: '유리병', en: 'Glass bottle' },
    waste_type: 'glass',
    recyclable: true,
    placement: { ko: '깨지지 않게 유리병 수거함에 넣어 주세요.', en: 'Put it in the glass bin without breaking it.' },
    includes: [
      { ko: '음료수병', en: 'drink bottle of glass' },
      { ko: '소주병', en: 'soju bottle' },
      { ko: '잼병', en: 'jam jar' },
    ],
    excludes: [
      { ko: '깨진 유리', en: 'broken glass', category: 'NONBURN' },
      { ko: '거울', en: 'mirror', category: 'NONBURN' },
      { ko: '도자기', en: 'ceramics', category: 'NONBURN' },
      { ko: '내열유리 그릇', en: 'heat-resistant glassware', category: 'NONBURN' },
      { ko: '형광등', en: 'fluorescent lamp', category: 'LAMP' },
    ],
    steps: [
      {
        verb: 'empty',
        ko: '내용물을 비우고 담배꽁초 같은 이물질을 넣지 마세요.',
        en: 'Empty it, and leave nothing such as cigarette ends in it.',
        covers: ['contents_left'],
      },
      { verb: 'rinse', ko: '물로 헹궈 주세요.', en: 'Rinse it with water.', covers: ['soiled'] },
      {
        verb: 'separate',
        ko: '뚜껑을 떼고 라벨은 떨어지면 떼어 주세요.',
        en: 'Take off the cap, and the label if it comes off.',
        covers: ['cap_attached', 'label_attached'],
      },
      {
        verb: 'put',
        ko: '보증금 병은 소매점에 돌려주고, 나머지는 유리병 수거함에 넣어 주세요.',
        en: 'Return deposit bottles to a shop, and put the rest in the glass bin.',
      },
    ],
    warnings: [{ ko: '깨진 유리는 유리병 수거함에 넣지 마세요.', en: 'Never put broken glass in the glass bin.' }],
    condition_notes: [
      {
        condition: 'hazardous_residue',
        moves_to: 'HAZARD',
        ko: '농약이나 화학 물질이 남은 병은 유해 폐기물로 따로 배출해 주세요.',
        en: 'A bottle with remains of pesticide or chemicals is hazardous waste.',
      },
      {
        condition: 'broken',
        moves_to: 'NONBURN',
        ko: '깨진 유리는 다치지 않게 신문지에 싸서 불연성 폐기물로 배출해 주세요.',
        en: 'Wrap broken glass in newspaper and put it out as non-burnable waste.',
      },
      {
        condition: 'contaminated',
        moves_to: 'NONBURN',
        ko: '씻기지 않는 병은 재활용되지 않으니 불연성 폐기물로 배출해 주세요.',
        en: 'A bottle that does not come clean is put out as non-burnable waste.',
      },
      { condition: 'contents_left', ko: '남은 내용물을 먼저 비워 주세요.', en: 'Empty out what is left first.' },
      {
        condition: 'cap_attached',
        ko: '뚜껑을 떼어 재질에 맞게 배출해 주세요.',
        en: 'Take off the cap and sort it by its own material.',
      },
      { condition: 'soiled', ko: '안쪽을 물로 헹궈 주세요.', en: 'Rinse the inside with water.' },
      { condition: 'label_attached', ko: '라벨은 떨어지면 떼어 주세요.', en: 'Take off the label if it comes off.' },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'CAN',
    title: { ko: '금속 캔', en: 'Metal can' },
    waste_type: 'metal',
    recyclable: true,
    placement: { ko: '눌러서 캔 수거함에 넣어 주세요.', en: 'Crush it and put it in the can bin.' },
    includes: [
      { ko: '음료수 캔', en: 'drink can' },
      { ko: '통조림 캔', en: 'food tin' },
      { ko: '분유 캔', en: 'milk powder tin' },
    ],
    excludes: [
      { ko: '페인트 통', en: 'paint tin', category: 'HAZARD' },
      { ko: '부탄가스 캔', en: 'butane canister', category: 'CAN_GAS' },
      { ko: '프라이팬', en: 'frying pan', category: 'SCRAP' },
    ],
    steps: [
      { verb: 'empty', ko: '내용물을 비워 주세요.', en: 'Empty it.', covers: ['contents_left'] },
      { verb: 'rinse', ko: '물로 헹궈 주세요.', en: 'Rinse it with water.', covers: ['soiled'] },
      {
        verb: 'separate',
        ko: '플라스틱 뚜껑과 비닐 라벨을 떼어 주세요.',
        en: 'Take off plastic lids and film labels.',
        covers: ['cap_attached', 'label_attached', 'mixed_materials'],
      },
      {
        verb: 'flatten',
        ko: '가능하면 눌러서 캔 수거함에 넣어 주세요.',
        en: 'Crush it if you can, and put it in the can bin.',
      },
    ],
    warnings: [{ ko: '캔의 잘린 가장자리에 베이지 않게 조심해 주세요.', en: 'Mind the sharp edge of an opened tin.' }],
    condition_notes: [
      {
        condition: 'hazardous_residue',
        moves_to: 'HAZARD',
        ko: '페인트나 오일이 남은 캔은 유해 폐기물로 따로 배출해 주세요.',
        en: 'A can with remains of paint or oil is hazardous waste.',
      },
      {
        condition: 'contaminated',
        moves_to: 'GENERAL',
        ko: '씻기지 않는 캔은 종량제 봉투에 버려 주세요.',
        en: 'A can that does not come clean goes in the standard bag.',
      },
      { condition: 'contents_left', ko: '남은 내용물을 먼저 비워 주세요.', en: 'Empty out what is left first.' },
      { condition: 'soiled', ko: '안쪽을 물로 헹궈 주세요.', en: 'Rinse the inside with water.' },
      { condition: 'cap_attached', ko: '플라스틱 뚜껑을 떼어 주세요.', en: 'Take off the plastic lid.' },
      { condition: 'label_attached', ko: '비닐 라벨을 떼어 주세요.', en: 'Take off the film label.' },
      {
        condition: 'mixed_materials',
        ko: '금속이 아닌 부분을 떼어 주세요.',
        en: 'Take off the parts that are not metal.',
      },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'CAN_GAS',
    title: { ko: '가스·스프레이 캔', en: 'Gas or spray can' },
    waste_type: 'metal',
    recyclable: true,
    placement: {
      ko: '가스를 끝까지 쓴 뒤 캔 수거함에 넣어 주세요.',
      en: 'Use up all the gas, then put it in the can bin.',
    },
    includes: [
      { ko: '부탄가스 캔', en: 'butane canister' },
      { ko: '살충제 스프레이', en: 'insecticide spray' },
      { ko: '헤어스프레이', en: 'hair spray' },
    ],
    excludes: [
      { ko: '음료수 캔', en: 'drink can', category: 'CAN' },
      { ko: '남은 농약', en: 'left-over pesticide', category: 'HAZARD' },
    ],
    steps: [
      {
        verb: 'empty',
        ko: '바람이 통하는 바깥에서 노즐을 눌러 내용물을 모두 빼 주세요.',
        en: 'Outdoors, in moving air, press the nozzle until nothing comes out.',
        covers: ['contents_left'],
      },
      {
        verb: 'separate',
        ko: '플라스틱 뚜껑과 노즐을 떼어 주세요.',
        en: 'Take off the plastic cap and the nozzle.',
        covers: ['cap_attached', 'mixed_materials'],
      },
      { verb: 'put', ko: '캔 수거함에 넣어 주세요.', en: 'Put it in the can bin.' },
    ],
    warnings: [
      {
        ko: '불 가까이에서 가스를 빼지 말고, 구멍을 뚫어야 하는지는 지자체 안내를 확인해 주세요.',
        en: 'Never release gas near a flame, and ask your municipality whether the can is to be pierced.',
      },
    ],
    condition_notes: [
      {
        condition: 'contents_left',
        ko: '가스가 남아 있으면 폭발할 수 있으니 바깥에서 모두 빼 주세요.',
        en: 'A can with gas in it may explode, so let it all out outdoors first.',
      },
      { condition: 'cap_attached', ko: '플라스틱 뚜껑을 떼어 주세요.', en: 'Take off the plastic cap.' },
      { condition: 'mixed_materials', ko: '플라스틱 노즐을 떼어 주세요.', en: 'Take off the plastic nozzle.' },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'SCRAP',
    title: { ko: '고철·비철금속', en: 'Scrap metal' },
    waste_type: 'metal',
    recyclable: true,
    placement: {
      ko: '흩어지지 않게 묶거나 봉투에 담아 고철 수거함에 넣어 주세요.',
      en: 'Tie it up or bag it, and leave it with the scrap metal.',
    },
    includes: [
      { ko: '프라이팬', en: 'frying pan' },
      { ko: '못', en: 'nail' },
      { ko: '철사', en: 'wire' },
      { ko: '알루미늄 새시', en: 'aluminium frame' },
    ],
    excludes: [
      { ko: '음료수 캔', en: 'drink can', category: 'CAN' },
      { ko: '우산', en: 'umbrella', category: 'GENERAL' },
      { ko: '전기밥솥', en: 'rice cooker', category: 'EWASTE' },
    ],
    steps: [
      {
        verb: 'separate',
        ko: '나무나 플라스틱 손잡이처럼 금속이 아닌 부분을 떼어 주세요.',
        en: 'Take off wooden or plastic handles and other parts that are not metal.',
        covers: ['mixed_materials'],
      },
      {
        verb: 'bundle',
        ko: '이물질을 닦아 내고 묶거나 투명한 봉투에 담아 주세요.',
        en: 'Wipe it clean, then tie it up or put it in a clear bag.',
        covers: ['soiled'],
      },
      { verb: 'put', ko: '고철로 배출해 주세요.', en: 'Put it out as scrap metal.' },
    ],
    warnings: [
      {
        ko: '못처럼 뾰족한 것은 찔리지 않게 싸 주세요.',
        en: 'Wrap nails and other sharp pieces so that nobody is hurt.',
      },
    ],
    condition_notes: [
      {
        condition: 'hazardous_residue',
        moves_to: 'HAZARD',
        ko: '기름이나 페인트가 남아 있으면 유해 폐기물로 따로 배출해 주세요.',
        en: 'With oil or paint still on it, it is hazardous waste.',
      },
      {
        condition: 'large',
        moves_to: 'BULKY',
        ko: '봉투에 담기지 않는 큰 금속 제품은 대형폐기물로 신고해 주세요.',
        en: 'A large metal item that fits no bag is reported as bulky waste.',
      },
      {
        condition: 'mixed_materials',
        ko: '금속이 아닌 부분을 떼고, 떼어지지 않으면 종량제 봉투에 버려 주세요.',
        en: 'Take off what is not metal; if it does not come off, use the standard bag.',
      },
      { condition: 'soiled', ko: '묻은 이물질을 닦아 주세요.', en: 'Wipe off the dirt.' },
    ],
    ...nationalGuideline,
    version: 1,
  },
]
