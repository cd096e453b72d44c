import type { RuleInput } from './rule.ts'
import { nationalGuideline } from './sources.ts'

export const plasticRules: RuleInput[] = [
  {
    code: 'PET_CLEAR',
    title: { ko: '투명 페트병', en: 'Clear PET bottle' },
    waste_type: 'plastic',
    recyclable: true,
    placement: {
      ko: '라벨을 떼고 찌그러뜨려 투명 페트병 전용 수거함에 넣어 주세요.',
      en: 'Take off the label, crush it and put it in the clear PET bin.',
    },
    includes: [
      { ko: '생수병', en: 'water bottle' },
      { ko: '투명 음료수 페트병', en: 'clear soft drink bottle' },
    ],
    excludes: [
      { ko: '유색 페트병', en: 'coloured PET bottle', category: 'PLASTIC' },
      { ko: '플라스틱 컵', en: 'plastic cup', category: 'PLASTIC' },
      { ko: '과일 포장 용기', en: 'fruit tray', category: 'PLASTIC' },
    ],
    steps: [
      { verb: 'empty', ko: '내용물을 비워 주세요.', en: 'Empty it.', covers: ['contents_left'] },
      { verb: 'rinse', ko: '물로 헹궈 주세요.', en: 'Rinse it with water.', covers: ['soiled'] },
      {
        verb: 'separate',
        ko: '라벨을 떼어 비닐로 배출해 주세요.',
        en: 'Take off the label and put it with the film.',
        covers: ['label_attached'],
      },
      {
        verb: 'flatten',
        ko: '찌그러뜨린 뒤 뚜껑을 닫아 주세요.',
        en: 'Crush it and close the cap.',
        covers: ['cap_attached'],
      },
      {
        verb: 'put',
        ko: '다른 플라스틱과 섞지 말고 전용 수거함에 넣어 주세요.',
        en: 'Put it in the clear PET bin, apart from other plastics.',
      },
    ],
    warnings: [
      { ko: '유색 페트병이나 다른 플라스틱과 섞지 마세요.', en: 'Do not mix it with coloured PET or other plastics.' },
    ],
    condition_notes: [
      {
        condition: 'hazardous_residue',
        moves_to: 'HAZARD',
        ko: '농약이나 화학 물질이 남은 병은 유해 폐기물로 따로 배출해 주세요.',
        en: 'A bottle with remains of pesticide or chemicals is hazardous waste.',
      },
      {
        condition: 'contaminated',
        moves_to: 'GENERAL',
        ko: '씻기지 않는 페트병은 종량제 봉투에 버려 주세요.',
        en: 'A bottle that does not come clean goes in the standard bag.',
      },
      {
        condition: 'coloured',
        moves_to: 'PLASTIC',
        ko: '색이 있는 페트병은 투명 페트병이 아니라 플라스틱으로 배출해 주세요.',
        en: 'A coloured bottle goes with the plastics, not with clear PET.',
      },
      { condition: 'contents_left', ko: '남은 내용물을 먼저 비워 주세요.', en: 'Pour out what is left first.' },
      {
        condition: 'label_attached',
        ko: '라벨이 붙어 있으니 떼어 주세요.',
        en: 'The label is still on, so take it off.',
      },
      { condition: 'soiled', ko: '안쪽을 물로 헹궈 주세요.', en: 'Rinse the inside with water.' },
      {
        condition: 'cap_attached',
        ko: '찌그러뜨린 뒤 뚜껑은 다시 닫아 배출하면 돼요.',
        en: 'After crushing it, put the cap back on: that is fine.',
      },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'PLASTIC',
    title: { ko: '플라스틱 용기', en: 'Plastic container' },
    waste_type: 'plastic',
    recyclable: true,
    placement: {
      ko: '깨끗이 헹궈 플라스틱 수거함에 넣어 주세요.',
      en: 'Rinse it clean and put it in the plastics bin.',
    },
    includes: [
      { ko: '샴푸통', en: 'shampoo bottle' },
      { ko: '세제통', en: 'detergent bottle' },
      { ko: '플라스틱 컵', en: 'plastic cup' },
      { ko: '유색 페트병', en: 'coloured PET bottle' },
      { ko: '배달 용기', en: 'takeaway container' },
    ],
    excludes: [
      { ko: '생수병', en: 'water bottle', category: 'PET_CLEAR' },
      { ko: '칫솔', en: 'toothbrush', category: 'GENERAL' },
      { ko: '볼펜', en: 'ballpoint pen', category: 'GENERAL' },
      { ko: '고무장갑', en: 'rubber glove', category: 'GENERAL' },
      { ko: '알약 포장재', en: 'pill blister pack', category: 'GENERAL' },
    ],
    steps: [
      { verb: 'empty', ko: '내용물을 비워 주세요.', en: 'Empty it.', covers: ['contents_left'] },
      {
        verb: 'rinse',
        ko: '음식물이나 세제가 남지 않게 헹궈 주세요.',
        en: 'Rinse off all food or detergent.',
        covers: ['soiled'],
      },
      {
        verb: 'separate',
        ko: '라벨, 펌프, 금속 스프링처럼 다른 재질을 떼어 주세요.',
        en: 'Take off labels, pumps, metal springs and other materials.',
        covers: ['label_attached', 'cap_attached', 'mixed_materials'],
      },
      { verb: 'put', ko: '플라스틱 수거함에 넣어 주세요.', en: 'Put it in the plastics bin.' },
    ],
    warnings: [
      {
        ko: '여러 재질이 붙어 떼어지지 않는 제품은 종량제 봉투에 버려 주세요.',
        en: 'A product of several materials that do not come apart goes in the standard bag.',
      },
    ],
    condition_notes: [
      {
        condition: 'hazardous_residue',
        moves_to: 'HAZARD',
        ko: '농약이나 오일이 남은 용기는 유해 폐기물로 따로 배출해 주세요.',
        en: 'A container with remains of pesticide or oil is hazardous waste.',
      },
      {
        condition: 'contaminated',
        moves_to: 'GENERAL',
        ko: '기름이나 양념이 씻기지 않으면 종량제 봉투에 버려 주세요.',
        en: 'If grease or sauce does not wash off, it goes in the standard bag.',
      },
      {
        condition: 'large',
        moves_to: 'BULKY',
        ko: '수거함에 들어가지 않는 큰 제품은 대형폐기물로 신고해 주세요.',
        en: 'An item too large for the bin is reported as bulky waste.',
      },
      { condition: 'contents_left', ko: '남은 내용물을 먼저 비워 주세요.', en: 'Empty out what is left first.' },
      { condition: 'soiled', ko: '음식물이 남지 않게 물로 헹궈 주세요.', en: 'Rinse it until no food is left on it.' },
      {
        condition: 'mixed_materials',
        ko: '다른 재질을 떼고, 떼어지지 않으면 종량제 봉투에 버려 주세요.',
        en: 'Take off other materials; if they do not come off, use the standard bag.',
      },
      {
        condition: 'cap_attached',
        ko: '펌프나 다른 재질의 뚜껑을 떼어 주세요.',
        en: 'Take off the pump, or a cap of another material.',
      },
      { condition: 'label_attached', ko: '라벨을 떼어 주세요.', en: 'Take off the label.' },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'VINYL',
    title: { ko: '비닐류', en: 'Plastic film' },
    waste_type: 'vinyl',
    recyclable: true,
    placement: {
      ko: '흩날리지 않게 봉투에 모아 비닐류 수거함에 넣어 주세요.',
      en: 'Collect it in a bag so that it does not blow away, and put it in the film bin.',
    },
    includes: [
      { ko: '비닐봉지', en: 'plastic bag' },
      { ko: '과자 봉지', en: 'snack bag' },
      { ko: '라면 봉지', en: 'noodle packet' },
      { ko: '에어캡', en: 'bubble wrap' },
    ],
    excludes: [
      { ko: '업소용 랩', en: 'PVC cling film', category: 'GENERAL' },
      { ko: '포장용 테이프', en: 'packing tape', category: 'GENERAL' },
      { ko: '고무장갑', en: 'rubber glove', category: 'GENERAL' },
    ],
    steps: [
      { verb: 'empty', ko: '내용물을 비워 주세요.', en: 'Empty it.', covers: ['contents_left'] },
      {
        verb: 'rinse',
        ko: '이물질을 닦거나 헹군 뒤 물기를 털어 주세요.',
        en: 'Wipe or rinse off the dirt, and shake off the water.',
        covers: ['soiled', 'wet'],
      },
      {
        verb: 'separate',
        ko: '종이 스티커와 테이프를 떼어 주세요.',
        en: 'Take off paper stickers and tape.',
        covers: ['label_attached', 'tape_attached', 'mixed_materials'],
      },
      { verb: 'put', ko: '봉투에 모아 비닐류로 배출해 주세요.', en: 'Collect it in a bag and put it out as film.' },
    ],
    warnings: [
      {
        ko: '딱지 모양으로 접으면 선별하기 어려우니 펼쳐서 모아 주세요.',
        en: 'Leave it unfolded: film folded into knots is hard to sort.',
      },
    ],
    condition_notes: [
      {
        condition: 'contaminated',
        moves_to: 'GENERAL',
        ko: '양념이나 기름이 씻기지 않는 비닐은 종량제 봉투에 버려 주세요.',
        en: 'Film with sauce or grease that does not wash off goes in the standard bag.',
      },
      { condition: 'contents_left', ko: '남은 내용물을 먼저 비워 주세요.', en: 'Empty out what is left first.' },
      { condition: 'soiled', ko: '이물질을 닦거나 물로 헹궈 주세요.', en: 'Wipe it, or rinse it with water.' },
      { condition: 'wet', ko: '물기를 털어 주세요.', en: 'Shake off the water.' },
      { condition: 'tape_attached', ko: '테이프를 떼어 주세요.', en: 'Take off the tape.' },
      { condition: 'label_attached', ko: '종이 스티커를 떼어 주세요.', en: 'Take off paper stickers.' },
      {
        condition: 'mixed_materials',
        ko: '비닐이 아닌 부분을 떼어 주세요.',
        en: 'Take off the parts that are not film.',
      },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'EPS',
    title: { ko: '스티로폼', en: 'Styrofoam' },
    waste_type: 'styrofoam',
    recyclable: true,
    placement: {
      ko: '테이프와 송장을 떼고 스티로폼 자리에 모아 주세요.',
      en: 'Take off tape and labels, and leave it in the styrofoam area.',
    },
    includes: [
      { ko: '스티로폼 상자', en: 'styrofoam box' },
      { ko: '가전 완충재', en: 'foam packing of appliances' },
      { ko: '흰색 스티로폼 받침', en: 'white foam tray' },
    ],
    excludes: [
      { ko: '유색 스티로폼', en: 'coloured styrofoam', category: 'GENERAL' },
      { ko: '건축용 단열재', en: 'building insulation', category: 'CONSTR' },
      { ko: '과일 포장 망', en: 'foam fruit net', category: 'GENERAL' },
    ],
    steps: [
      {
        verb: 'empty',
        ko: '내용물과 얼음팩을 꺼내 주세요.',
        en: 'Take out the contents and any ice packs.',
        covers: ['contents_left'],
      },
      {
        verb: 'separate',
        ko: '테이프와 송장을 모두 떼어 주세요.',
        en: 'Take off all tape and shipping labels.',
        covers: ['tape_attached', 'label_attached', 'mixed_materials'],
      },
      { verb: 'rinse', ko: '이물질을 물로 헹궈 주세요.', en: 'Rinse off the dirt.', covers: ['soiled'] },
      {
        verb: 'put',
        ko: '부서지지 않게 모아 스티로폼으로 배출해 주세요.',
        en: 'Keep it in one piece and put it out as styrofoam.',
      },
    ],
    warnings: [
      {
        ko: '흰색이 아니거나 코팅된 스티로폼은 재활용되지 않아요.',
        en: 'Styrofoam that is not white, or is coated, is not recycled.',
      },
    ],
    condition_notes: [
      {
        condition: 'contaminated',
        moves_to: 'GENERAL',
        ko: '국물이나 양념이 배어 씻기지 않으면 종량제 봉투에 버려 주세요.',
        en: 'If soup or sauce has soaked in, it goes in the standard bag.',
      },
      {
        condition: 'coloured',
        moves_to: 'GENERAL',
        ko: '색이 있는 스티로폼은 종량제 봉투에 버려 주세요.',
        en: 'Coloured styrofoam goes in the standard bag.',
      },
      {
        condition: 'coated',
        moves_to: 'GENERAL',
        ko: '코팅된 스티로폼은 종량제 봉투에 버려 주세요.',
        en: 'Coated styrofoam goes in the standard bag.',
      },
      { condition: 'contents_left', ko: '안에 든 것을 먼저 꺼내 주세요.', en: 'Take out what is inside first.' },
      {
        condition: 'tape_attached',
        ko: '테이프와 송장을 모두 떼어 주세요.',
        en: 'Take off all tape and shipping labels.',
      },
      { condition: 'label_attached', ko: '붙어 있는 라벨을 떼어 주세요.', en: 'Take off the label.' },
      {
        condition: 'mixed_materials',
        ko: '스티로폼이 아닌 부분을 떼어 주세요.',
        en: 'Take off the parts that are not styrofoam.',
      },
      { condition: 'soiled', ko: '이물질을 물로 헹궈 주세요.', en: 'Rinse off the dirt.' },
      {
        condition: 'broken',
        ko: '부서진 조각은 흩날리지 않게 봉투에 담아 주세요.',
        en: 'Put broken pieces in a bag so that they do not blow away.',
      },
    ],
    ...nationalGuideline,
    version: 1,
  },
]
