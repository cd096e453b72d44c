import type { RuleInput } from './rule.ts'
import { nationalGuideline } from './sources.ts'

export const paperRules: RuleInput[] = [
  {
    code: 'PAPER_BOX',
    title: { ko: '종이 상자', en: 'Cardboard box' },
    waste_type: 'paper',
    recyclable: true,
    placement: { ko: '납작하게 접어 상자류 자리에 모아 주세요.', en: 'Flatten it and leave it in the cardboard area.' },
    includes: [
      { ko: '택배 상자', en: 'delivery box' },
      { ko: '골판지', en: 'corrugated cardboard' },
      { ko: '과자 상자', en: 'snack carton' },
    ],
    excludes: [
      { ko: '비닐 코팅된 상자', en: 'plastic-coated box', category: 'GENERAL' },
      { ko: '음식물이 밴 피자 상자', en: 'pizza box soaked with grease', category: 'GENERAL' },
      { ko: '스티로폼 상자', en: 'styrofoam box', category: 'EPS' },
    ],
    steps: [
      { verb: 'empty', ko: '상자를 비워 주세요.', en: 'Empty the box.', covers: ['contents_left'] },
      {
        verb: 'separate',
        ko: '테이프, 송장, 철핀처럼 종이가 아닌 것을 떼어 주세요.',
        en: 'Take off tape, shipping labels, staples and anything else that is not paper.',
        covers: ['tape_attached', 'label_attached', 'mixed_materials'],
      },
      { verb: 'flatten', ko: '납작하게 접어 주세요.', en: 'Fold it flat.', covers: ['large'] },
      {
        verb: 'put',
        ko: '다른 종이와 섞지 말고 상자류로 배출해 주세요.',
        en: 'Put it out as cardboard, apart from other paper.',
      },
    ],
    warnings: [
      {
        ko: '송장에는 개인 정보가 있으니 떼어 낸 뒤 찢어서 버려 주세요.',
        en: 'Tear up the shipping label: it carries personal details.',
      },
    ],
    condition_notes: [
      {
        condition: 'contaminated',
        moves_to: 'GENERAL',
        ko: '기름이나 음식물이 밴 상자는 재활용되지 않으니 종량제 봉투에 버려 주세요.',
        en: 'Cardboard soaked with grease or food cannot be recycled, so it goes in the standard bag.',
      },
      {
        condition: 'coated',
        moves_to: 'GENERAL',
        ko: '비닐로 코팅된 상자는 재활용되지 않으니 종량제 봉투에 버려 주세요.',
        en: 'A plastic-coated box cannot be recycled, so it goes in the standard bag.',
      },
      { condition: 'wet', ko: '젖은 상자는 말린 뒤에 배출해 주세요.', en: 'Let a wet box dry before you put it out.' },
      {
        condition: 'tape_attached',
        ko: '테이프와 송장을 모두 떼어 주세요.',
        en: 'Take off all tape and shipping labels.',
      },
      { condition: 'label_attached', ko: '스티커와 송장을 떼어 주세요.', en: 'Take off stickers and shipping labels.' },
      { condition: 'contents_left', ko: '안에 든 것을 먼저 꺼내 주세요.', en: 'Take out what is still inside first.' },
      {
        condition: 'mixed_materials',
        ko: '손잡이나 완충재처럼 종이가 아닌 부분은 떼어 주세요.',
        en: 'Take off handles, padding and other parts that are not paper.',
      },
      { condition: 'large', ko: '큰 상자는 접거나 잘라서 묶어 주세요.', en: 'Fold or cut a large box, and tie it up.' },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'PAPER',
    title: { ko: '종이류', en: 'Paper' },
    waste_type: 'paper',
    recyclable: true,
    placement: {
      ko: '차곡차곡 펴서 묶은 뒤 종이류 수거함에 넣어 주세요.',
      en: 'Stack it flat, tie it up and leave it with the paper.',
    },
    includes: [
      { ko: '신문지', en: 'newspaper' },
      { ko: '책', en: 'book' },
      { ko: '공책', en: 'notebook' },
      { ko: '전단지', en: 'flyer' },
    ],
    excludes: [
      { ko: '영수증', en: 'till receipt', category: 'GENERAL' },
      { ko: '벽지', en: 'wallpaper', category: 'GENERAL' },
      { ko: '사용한 휴지', en: 'used tissue', category: 'GENERAL' },
      { ko: '비닐 코팅지', en: 'plastic-coated paper', category: 'GENERAL' },
      { ko: '우유팩', en: 'milk carton', category: 'PAPER_PACK' },
    ],
    steps: [
      {
        verb: 'separate',
        ko: '스프링, 비닐 표지, 클립을 떼어 주세요.',
        en: 'Take off spirals, plastic covers and clips.',
        covers: ['mixed_materials', 'tape_attached'],
      },
      {
        verb: 'bundle',
        ko: '물기 없이 펴서 흩어지지 않게 묶어 주세요.',
        en: 'Keep it dry, stack it flat and tie it so that it does not scatter.',
      },
      { verb: 'put', ko: '종이류로 배출해 주세요.', en: 'Put it out with the paper.' },
    ],
    warnings: [
      {
        ko: '영수증 같은 감열지는 종이류에 섞지 마세요.',
        en: 'Keep thermal paper, such as receipts, out of the paper.',
      },
    ],
    condition_notes: [
      {
        condition: 'contaminated',
        moves_to: 'GENERAL',
        ko: '음식물이나 기름이 묻은 종이는 종량제 봉투에 버려 주세요.',
        en: 'Paper with food or grease on it goes in the standard bag.',
      },
      {
        condition: 'coated',
        moves_to: 'GENERAL',
        ko: '비닐 코팅된 종이는 종량제 봉투에 버려 주세요.',
        en: 'Plastic-coated paper goes in the standard bag.',
      },
      { condition: 'wet', ko: '젖은 종이는 말린 뒤에 배출해 주세요.', en: 'Let wet paper dry before you put it out.' },
      {
        condition: 'mixed_materials',
        ko: '스프링이나 비닐 표지처럼 종이가 아닌 부분을 떼어 주세요.',
        en: 'Take off spirals, plastic covers and other parts that are not paper.',
      },
      { condition: 'tape_attached', ko: '붙어 있는 테이프를 떼어 주세요.', en: 'Take off the tape.' },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'PAPER_PACK',
    title: { ko: '종이팩', en: 'Drink carton' },
    waste_type: 'paper',
    recyclable: true,
    placement: {
      ko: '종이류와 섞지 말고 종이팩 전용 수거함에 넣어 주세요.',
      en: 'Use the drink carton bin; do not mix it with paper.',
    },
    includes: [
      { ko: '우유팩', en: 'milk carton' },
      { ko: '두유팩', en: 'soy milk carton' },
      { ko: '주스팩', en: 'juice carton' },
    ],
    excludes: [
      { ko: '종이컵', en: 'paper cup', category: 'PAPER_CUP' },
      { ko: '신문지', en: 'newspaper', category: 'PAPER' },
    ],
    steps: [
      { verb: 'empty', ko: '내용물을 비워 주세요.', en: 'Empty it.', covers: ['contents_left'] },
      {
        verb: 'rinse',
        ko: '물로 헹군 뒤 펼쳐서 말려 주세요.',
        en: 'Rinse it, open it out and let it dry.',
        covers: ['soiled', 'wet'],
      },
      {
        verb: 'separate',
        ko: '빨대, 뚜껑, 비닐을 떼어 주세요.',
        en: 'Take off straws, caps and film.',
        covers: ['cap_attached', 'mixed_materials'],
      },
      {
        verb: 'put',
        ko: '전용 수거함에 넣고, 없으면 따로 묶어 종이류와 구분해 주세요.',
        en: 'Put it in the carton bin or, where there is none, tie it up apart from the paper.',
      },
    ],
    warnings: [
      {
        ko: '종이팩은 종이류와 섞이면 재활용하기 어려워요.',
        en: 'Cartons are hard to recycle once they are mixed with paper.',
      },
    ],
    condition_notes: [
      {
        condition: 'contaminated',
        moves_to: 'GENERAL',
        ko: '곰팡이가 피거나 씻기지 않는 종이팩은 종량제 봉투에 버려 주세요.',
        en: 'A carton with mould or dirt that does not wash off goes in the standard bag.',
      },
      { condition: 'contents_left', ko: '남은 내용물을 먼저 비워 주세요.', en: 'Pour out what is left first.' },
      {
        condition: 'cap_attached',
        ko: '플라스틱 뚜껑은 떼어 플라스틱으로 배출해 주세요.',
        en: 'Take off the plastic cap and put it with the plastics.',
      },
      { condition: 'mixed_materials', ko: '빨대와 비닐을 떼어 주세요.', en: 'Take off straws and film.' },
      { condition: 'soiled', ko: '안쪽까지 물로 헹궈 주세요.', en: 'Rinse it, inside as well.' },
      { condition: 'wet', ko: '펼쳐서 말린 뒤에 배출해 주세요.', en: 'Open it out and let it dry first.' },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'PAPER_CUP',
    title: { ko: '종이컵', en: 'Paper cup' },
    waste_type: 'paper',
    recyclable: true,
    placement: {
      ko: '종이컵끼리 포개어 종이컵 수거함에 넣어 주세요.',
      en: 'Stack it with other paper cups in the paper cup bin.',
    },
    includes: [
      { ko: '자판기 종이컵', en: 'vending machine cup' },
      { ko: '커피 종이컵', en: 'paper coffee cup' },
    ],
    excludes: [
      { ko: '플라스틱 컵', en: 'plastic cup', category: 'PLASTIC' },
      { ko: '우유팩', en: 'milk carton', category: 'PAPER_PACK' },
    ],
    steps: [
      { verb: 'empty', ko: '남은 음료를 비워 주세요.', en: 'Pour out what is left.', covers: ['contents_left'] },
      { verb: 'rinse', ko: '물로 헹궈 주세요.', en: 'Rinse it with water.', covers: ['soiled'] },
      {
        verb: 'separate',
        ko: '플라스틱 뚜껑과 빨대를 떼어 주세요.',
        en: 'Take off the plastic lid and the straw.',
        covers: ['cap_attached', 'mixed_materials'],
      },
      {
        verb: 'flatten',
        ko: '눌러서 포갠 뒤 따로 모아 배출해 주세요.',
        en: 'Press the cups, stack them and put them out apart.',
      },
    ],
    warnings: [
      {
        ko: '종이컵은 안쪽이 코팅되어 있으니 일반 종이와 섞지 마세요.',
        en: 'Paper cups have a coating inside, so keep them apart from ordinary paper.',
      },
    ],
    condition_notes: [
      {
        condition: 'contaminated',
        moves_to: 'GENERAL',
        ko: '씻기지 않는 종이컵은 종량제 봉투에 버려 주세요.',
        en: 'A paper cup that does not come clean goes in the standard bag.',
      },
      { condition: 'contents_left', ko: '남은 음료를 먼저 비워 주세요.', en: 'Pour out the drink first.' },
      {
        condition: 'cap_attached',
        ko: '뚜껑은 떼어 플라스틱으로 배출해 주세요.',
        en: 'Take off the lid and put it with the plastics.',
      },
      { condition: 'mixed_materials', ko: '빨대와 컵 홀더를 떼어 주세요.', en: 'Take off the straw and the sleeve.' },
      { condition: 'soiled', ko: '물로 한 번 헹궈 주세요.', en: 'Give it a rinse.' },
    ],
    ...nationalGuideline,
    version: 1,
  },
]
