import type { RuleInput } from './rule.ts'
import { municipalPractice } from './sources.ts'

export const otherWasteRules: RuleInput[] = [
  {
    code: 'FOOD',
    title: { ko: '음식물 쓰레기', en: 'Food waste' },
    waste_type: 'food',
    recyclable: true,
    placement: {
      ko: '물기를 빼서 음식물 전용 용기나 봉투에 담아 주세요.',
      en: 'Drain it and put it in the food waste bin or bag.',
    },
    includes: [
      { ko: '먹고 남은 밥', en: 'left-over rice' },
      { ko: '채소', en: 'vegetable' },
      { ko: '과일', en: 'fruit' },
      { ko: '생선 살', en: 'fish meat' },
    ],
    excludes: [
      { ko: '뼈', en: 'animal bone', category: 'GENERAL' },
      { ko: '조개껍데기', en: 'clam shell', category: 'GENERAL' },
      { ko: '달걀 껍데기', en: 'egg shell', category: 'GENERAL' },
      { ko: '복숭아씨', en: 'peach stone', category: 'GENERAL' },
      { ko: '티백', en: 'tea bag', category: 'GENERAL' },
    ],
    steps: [
      { verb: 'drain', ko: '물기를 최대한 빼 주세요.', en: 'Drain off as much water as you can.', covers: ['wet'] },
      {
        verb: 'separate',
        ko: '비닐, 이쑤시개 같은 이물질을 골라내 주세요.',
        en: 'Pick out film, toothpicks and anything else that is not food.',
        covers: ['mixed_materials'],
      },
      { verb: 'put', ko: '전용 용기나 봉투에 담아 주세요.', en: 'Put it in the food waste bin or bag.' },
    ],
    warnings: [
      {
        ko: '뼈, 껍데기, 단단한 씨는 음식물이 아니라 종량제 봉투에 버려 주세요.',
        en: 'Bones, shells and hard stones are not food waste; they go in the standard bag.',
      },
    ],
    condition_notes: [
      {
        condition: 'wet',
        ko: '물기가 많으니 체에 밭쳐 빼 주세요.',
        en: 'It is very wet, so let it drip off in a sieve.',
      },
      {
        condition: 'mixed_materials',
        ko: '포장재와 이물질을 골라내 주세요.',
        en: 'Take out packaging and anything else that is not food.',
      },
    ],
    ...municipalPractice,
    version: 1,
  },
  {
    code: 'GENERAL',
    title: { ko: '일반 쓰레기', en: 'General waste' },
    waste_type: 'general',
    recyclable: false,
    placement: {
      ko: '종량제 봉투에 담아 정해진 시간에 내놓아 주세요.',
      en: 'Put it in a standard bag and leave it out at the set time.',
    },
    includes: [
      { ko: '사용한 휴지', en: 'used tissue' },
      { ko: '칫솔', en: 'toothbrush' },
      { ko: '영수증', en: 'till receipt' },
      { ko: '기저귀', en: 'nappy' },
      { ko: '씻기지 않게 오염된 포장재', en: 'packaging that does not come clean' },
    ],
    excludes: [
      { ko: '건전지', en: 'dry cell', category: 'BATTERY' },
      { ko: '남은 약', en: 'left-over medicine', category: 'HAZARD' },
      { ko: '도자기', en: 'ceramics', category: 'NONBURN' },
    ],
    steps: [
      {
        verb: 'separate',
        ko: '재활용할 수 있는 부분은 떼어 따로 배출해 주세요.',
        en: 'Take off what can be recycled.',
        covers: ['mixed_materials'],
      },
      { verb: 'put', ko: '종량제 봉투에 담아 주세요.', en: 'Put it in a standard bag.' },
    ],
    warnings: [
      {
        ko: '배터리나 약, 부탄가스는 종량제 봉투에 넣지 마세요.',
        en: 'Keep batteries, medicines and gas cans out of the standard bag.',
      },
    ],
    condition_notes: [
      {
        condition: 'large',
        moves_to: 'BULKY',
        ko: '종량제 봉투에 들어가지 않는 크기는 대형폐기물로 신고해 주세요.',
        en: 'What does not fit in a standard bag is reported as bulky waste.',
      },
      {
        condition: 'battery_inside',
        ko: '배터리를 먼저 빼서 전용 수거함에 넣어 주세요.',
        en: 'Take out the battery first and put it in a battery box.',
      },
      {
        condition: 'broken',
        ko: '날카로운 부분은 다치지 않게 싸 주세요.',
        en: 'Wrap sharp parts so that nobody is hurt.',
      },
      { condition: 'wet', ko: '물기를 뺀 뒤 담아 주세요.', en: 'Drain it before you bag it.' },
      {
        condition: 'mixed_materials',
        ko: '재활용할 수 있는 부분은 떼어 주세요.',
        en: 'Take off what can be recycled.',
      },
    ],
    ...municipalPractice,
    version: 1,
  },
  {
    code: 'NONBURN',
    title: { ko: '불연성 폐기물', en: 'Non-burnable waste' },
    waste_type: 'nonburnable',
    recyclable: false,
    placement: {
      ko: '신문지에 싸서 불연성 폐기물 전용 마대에 담아 주세요.',
      en: 'Wrap it in newspaper and put it in a sack for non-burnable waste.',
    },
    includes: [
      { ko: '도자기', en: 'ceramics' },
      { ko: '깨진 유리', en: 'broken glass' },
      { ko: '거울', en: 'mirror' },
      { ko: '내열유리 그릇', en: 'heat-resistant glassware' },
      { ko: '백열전구', en: 'light bulb' },
    ],
    excludes: [
      { ko: '소주병', en: 'soju bottle', category: 'GLASS' },
      { ko: '형광등', en: 'fluorescent lamp', category: 'LAMP' },
    ],
    steps: [
      {
        verb: 'wrap',
        ko: '다치지 않게 신문지로 두껍게 싸 주세요.',
        en: 'Wrap it thickly in newspaper so that nobody is hurt.',
        covers: ['broken'],
      },
      { verb: 'put', ko: '불연성 폐기물 전용 마대에 담아 주세요.', en: 'Put it in a sack for non-burnable waste.' },
    ],
    warnings: [
      {
        ko: '장갑을 끼고 다루고, 마대는 지자체가 정한 판매소에서 사 주세요.',
        en: 'Wear gloves, and buy the sack where your municipality sells it.',
      },
    ],
    condition_notes: [
      {
        condition: 'large',
        moves_to: 'BULKY',
        ko: '마대에 들어가지 않는 크기는 대형폐기물로 신고해 주세요.',
        en: 'What does not fit in the sack is reported as bulky waste.',
      },
      {
        condition: 'broken',
        ko: '깨진 조각은 신문지로 두껍게 싸 주세요.',
        en: 'Wrap the pieces thickly in newspaper.',
      },
      { condition: 'contents_left', ko: '안에 든 것을 먼저 비워 주세요.', en: 'Empty it first.' },
    ],
    ...municipalPractice,
    version: 1,
  },
  {
    code: 'BULKY',
    title: { ko: '대형폐기물', en: 'Bulky waste' },
    waste_type: 'bulky',
    recyclable: false,
    placement: {
      ko: '지자체에 신고하고 스티커를 붙여 정해진 곳에 내놓아 주세요.',
      en: 'Report it to your municipality, attach the sticker and leave it at the set place.',
    },
    includes: [
      { ko: '가구', en: 'furniture' },
      { ko: '매트리스', en: 'mattress' },
      { ko: '솜이불', en: 'padded quilt' },
      { ko: '카펫', en: 'carpet' },
    ],
    excludes: [
      { ko: '냉장고', en: 'refrigerator', category: 'EWASTE' },
      { ko: '벽돌', en: 'brick', category: 'CONSTR' },
    ],
    steps: [
      {
        verb: 'empty',
        ko: '안에 든 물건을 꺼내 주세요.',
        en: 'Take out everything that is inside.',
        covers: ['contents_left'],
      },
      {
        verb: 'report',
        ko: '구청 누리집이나 주민센터에 신고하고 수수료를 내 주세요.',
        en: 'Report it on the district website or at the community centre, and pay the fee.',
        covers: ['large'],
      },
      {
        verb: 'put',
        ko: '스티커나 접수 번호를 붙여 정해진 날에 내놓아 주세요.',
        en: 'Attach the sticker or the number, and leave it out on the agreed day.',
      },
    ],
    warnings: [{ ko: '신고하지 않고 내놓으면 과태료를 물 수 있어요.', en: 'Leaving it out unreported may be fined.' }],
    condition_notes: [
      {
        condition: 'battery_inside',
        ko: '배터리를 먼저 빼서 전용 수거함에 넣어 주세요.',
        en: 'Take out the battery first and put it in a battery box.',
      },
      { condition: 'contents_left', ko: '서랍 안의 물건을 모두 꺼내 주세요.', en: 'Empty all drawers.' },
      {
        condition: 'broken',
        ko: '깨진 유리나 튀어나온 못은 감싸 주세요.',
        en: 'Cover broken glass and protruding nails.',
      },
      {
        condition: 'large',
        ko: '크기에 따라 수수료가 다르니 신고할 때 크기를 알려 주세요.',
        en: 'The fee depends on the size, so state it when you report.',
      },
    ],
    ...municipalPractice,
    version: 1,
  },
  {
    code: 'CONSTR',
    title: { ko: '공사장 생활폐기물', en: 'Renovation waste' },
    waste_type: 'construction',
    recyclable: false,
    placement: {
      ko: '지자체에 문의해 전용 마대나 수거 업체를 이용해 주세요.',
      en: 'Ask your municipality, and use its sacks or a licensed collector.',
    },
    includes: [
      { ko: '벽돌', en: 'brick' },
      { ko: '타일', en: 'tile' },
      { ko: '건축용 단열재', en: 'building insulation' },
      { ko: '시멘트 조각', en: 'piece of cement' },
    ],
    excludes: [
      { ko: '도자기', en: 'ceramics', category: 'NONBURN' },
      { ko: '철사', en: 'wire', category: 'SCRAP' },
    ],
    steps: [
      {
        verb: 'separate',
        ko: '고철이나 나무처럼 재질이 다른 것을 나눠 주세요.',
        en: 'Sort out scrap metal, wood and other materials.',
        covers: ['mixed_materials'],
      },
      {
        verb: 'report',
        ko: '지자체에 문의해 전용 마대를 사거나 수거를 신청해 주세요.',
        en: 'Ask your municipality for its sacks, or order a collection.',
        covers: ['large'],
      },
    ],
    warnings: [{ ko: '일반 종량제 봉투에는 넣지 마세요.', en: 'Do not put it in an ordinary standard bag.' }],
    condition_notes: [
      {
        condition: 'hazardous_residue',
        moves_to: 'HAZARD',
        ko: '페인트나 접착제가 남은 것은 유해 폐기물로 따로 배출해 주세요.',
        en: 'What still holds paint or glue is hazardous waste.',
      },
      { condition: 'mixed_materials', ko: '재질별로 나눠 담아 주세요.', en: 'Bag each material separately.' },
      { condition: 'large', ko: '양이 많으면 수거를 신청해 주세요.', en: 'For a large amount, order a collection.' },
    ],
    ...municipalPractice,
    version: 1,
  },
]
